import type { AgentClient, Logger } from '@saface/agent-kit';
import { describeError, encodeLiveFrame, type LiveFrame } from '@saface/core';

/**
 * Brings preview frames to the control plane. Live pictures are worth nothing late: while one of a camera is on the way the next ones are
 * dropped, and a failure is not tried again.
 */
export class LivePublisher {
  readonly #client: Pick<AgentClient, 'postPreview'>;
  readonly #log: Logger;
  readonly #busy = new Set<string>();

  constructor(client: Pick<AgentClient, 'postPreview'>, log: Logger) {
    this.#client = client;
    this.#log = log;
  }

  async publish(frame: LiveFrame, jpeg: Uint8Array): Promise<void> {
    const { cameraId } = frame;
    if (this.#busy.has(cameraId)) return;
    this.#busy.add(cameraId);
    try {
      await this.#client.postPreview(cameraId, encodeLiveFrame(frame, jpeg));
    } catch (error) {
      this.#log.debug({ cameraId, error: describeError(error) }, 'a preview was not delivered');
    } finally {
      this.#busy.delete(cameraId);
    }
  }
}
