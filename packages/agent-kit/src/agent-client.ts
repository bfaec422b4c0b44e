import {
  type AgentInput,
  type AgentOutput,
  type AgentProcedure,
  type ArtifactRef,
  agentContract,
  agentHttp,
  agentPath,
  describeError,
  SafaceError,
} from '@saface/core';
import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import { z } from 'zod';
import { type AgentCredential, bearer } from './credential.ts';
import { withDeadline } from './deadline.ts';
import { httpError, rpcError, unreachable } from './errors.ts';
import { sha256Hex } from './hash.ts';

export interface AgentClientOptions {
  /** Root address of the control plane, as `http://host:port`. */
  readonly controlUrl: string;
  /** Null before enrolment. */
  readonly credential: AgentCredential | null;
  /** Longest wait for an answer to a call, milliseconds. Default 15 000; bodies of artifacts get 20 times as long. */
  readonly timeout?: number;
}

/** The agents' side of `agentContract` and `agentHttp`. Every method throws SafaceError; `unavailable` means: try again later. */
export interface AgentClient {
  /** Input and output are validated against the contract; `integrity` when the control plane answers something else. */
  call<P extends AgentProcedure>(procedure: P, input: AgentInput<P>, signal?: AbortSignal): Promise<AgentOutput<P>>;
  /** The bytes are checked against length and hash: `integrity` otherwise. See ArtifactCache for files. */
  downloadArtifact(artifact: ArtifactRef, signal?: AbortSignal): Promise<Uint8Array>;
  uploadArtifact(bytes: Uint8Array, signal?: AbortSignal): Promise<ArtifactRef>;
  /** `body` is `encodeLiveFrame(...)`. */
  postPreview(cameraId: string, body: Uint8Array, signal?: AbortSignal): Promise<void>;
}

export function createAgentClient(options: AgentClientOptions): AgentClient {
  const { credential, timeout = 15_000 } = options;
  const controlUrl = options.controlUrl.replace(/\/+$/, '');
  const headers: Record<string, string> = credential ? { authorization: bearer(credential) } : {};
  const rpc = createTRPCUntypedClient<AnyTRPCRouter>({
    links: [httpLink({ url: `${controlUrl}${agentHttp.trpc}`, headers })],
  });

  async function request(path: string, init: RequestInit & { readonly limit: number; readonly outer?: AbortSignal }) {
    const { limit, outer, ...rest } = init;
    const { response, body } = await withDeadline(limit, outer, async (signal) => {
      const sent = { ...rest, headers: { ...headers, ...rest.headers }, signal };
      const response = await fetch(`${controlUrl}${path}`, sent);
      return { response, body: new Uint8Array(await response.arrayBuffer()) };
    }).catch((cause: unknown) => {
      outer?.throwIfAborted();
      throw unreachable(controlUrl, cause);
    });
    if (!response.ok) throw httpError(path, response.status, new TextDecoder().decode(body.subarray(0, 2000)));
    return body;
  }

  return {
    async call(procedure, input, signal) {
      const contract = agentContract[procedure];
      const sent = contract.input.safeParse(input);
      if (!sent.success) {
        throw new SafaceError('internal', `${procedure}: ${z.prettifyError(sent.error)}`, 'Report this as a defect.');
      }
      const answer = await withDeadline(timeout, signal, (deadline) =>
        rpc.mutation(agentPath(procedure), sent.data, { signal: deadline }),
      ).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw rpcError(controlUrl, error);
      });
      const got = contract.output.safeParse(answer);
      if (!got.success) {
        throw new SafaceError(
          'integrity',
          `The control plane answered ${procedure} with something else than agreed: ${z.prettifyError(got.error)}`,
          'Bring both sides to the same version of SaFace.',
        );
      }
      // One table maps names to schemas, but TypeScript cannot follow a union through it.
      return got.data as AgentOutput<typeof procedure>;
    },

    async downloadArtifact(artifact, signal) {
      const path = agentHttp.artifact(artifact.sha256);
      const bytes = await request(path, { limit: timeout * 20, ...(signal && { outer: signal }) });
      if (bytes.length !== artifact.bytes || sha256Hex(bytes) !== artifact.sha256) {
        throw new SafaceError(
          'integrity',
          `Artifact ${artifact.sha256.slice(0, 12)} arrived with other bytes (${bytes.length} of ${artifact.bytes})`,
          'It is fetched again; if that repeats, the artifact store is damaged: upload the model again.',
        );
      }
      return bytes;
    },

    async uploadArtifact(bytes, signal) {
      const artifact = { sha256: sha256Hex(bytes), bytes: bytes.length };
      await request(agentHttp.artifact(artifact.sha256), {
        method: 'PUT',
        body: bytes as Uint8Array<ArrayBuffer>,
        headers: { 'content-type': 'application/octet-stream' },
        limit: timeout * 20,
        ...(signal && { outer: signal }),
      });
      return artifact;
    },

    async postPreview(cameraId, body, signal) {
      await request(agentHttp.preview(cameraId), {
        method: 'POST',
        body: body as Uint8Array<ArrayBuffer>,
        headers: { 'content-type': 'application/octet-stream' },
        limit: timeout,
        ...(signal && { outer: signal }),
      });
    },
  };
}

/** Whether trying the same thing later can help. */
export const isTemporary = (error: unknown): boolean =>
  error instanceof SafaceError ? error.code === 'unavailable' : /ECONN|EPIPE|socket/.test(describeError(error));
