import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '@saface/agent-kit';
import { SafaceError } from '@saface/core';
import { WebSocketServer } from 'ws';
import { authenticateCamera, type CameraKey } from './authenticate.ts';
import { type CameraListener, CameraSession, closeCodes, type PreviewOrder } from './camera-session.ts';

export interface IngestOptions {
  readonly http: Server;
  readonly listener: CameraListener;
  readonly log: Logger;
  /** Cameras of the configuration in force, or null before there is one. */
  readonly cameras: () => readonly CameraKey[] | null;
  /** False while the models of this camera's scenario are not loaded: it keeps its frames and tries again. */
  readonly ready: (cameraId: string) => boolean;
  /** Frames of one camera on the way at once. Default 8. */
  readonly window?: number;
  /** Largest message, bytes. Default 16 MiB, some 400 crops of 112 x 112. */
  readonly maxMessage?: number;
  readonly preview?: PreviewOrder;
}

const defaultPreview: PreviewOrder = { maxWidth: 640, fps: 8 };

/** `/ingest`: where cameras bring their probes. One connection per camera; the newest wins. */
export class IngestServer {
  readonly #options: IngestOptions;
  readonly #sockets: WebSocketServer;
  readonly #sessions = new Map<string, CameraSession>();
  /** Frames of each camera that are not done with, whichever of its connections brought them. */
  readonly #underWay = new Map<string, number>();
  #watched: ReadonlySet<string> = new Set();
  #closing = false;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: options.maxMessage ?? 16 << 20,
      perMessageDeflate: false,
    });
    options.http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  session(cameraId: string): CameraSession | null {
    return this.#sessions.get(cameraId) ?? null;
  }

  sessions(): CameraSession[] {
    return [...this.#sessions.values()];
  }

  /** Cameras that somebody looks at right now. */
  watch(cameraIds: readonly string[]): void {
    this.#watched = new Set(cameraIds);
    for (const session of this.#sessions.values()) this.#orderPreview(session);
  }

  /** Closes connections of cameras that the configuration no longer has, and those made with a key that counts no longer. */
  retain(cameras: readonly CameraKey[]): void {
    const keys = new Map(cameras.map((camera) => [camera.id, camera.ingestKeySha256]));
    for (const session of this.#sessions.values()) {
      const key = keys.get(session.cameraId);
      if (key === session.keySha256) continue;
      const [message, remedy] =
        key === undefined
          ? ['This camera left the edge', 'Assign the camera to this edge again.']
          : ['The key of this camera was changed', 'Its agent connects again by itself, unless it was revoked.'];
      session.close(closeCodes.removed, new SafaceError('forbidden', message, remedy));
    }
  }

  /** Cameras keep what they have and come back; those that do not hang up are cut off. */
  async close(): Promise<void> {
    this.#closing = true;
    const reason = new SafaceError('unavailable', 'The edge is stopping', 'It is tried again.');
    for (const session of this.#sessions.values()) session.close(closeCodes.shutdown, reason);
    const cut = setTimeout(() => {
      for (const client of this.#sockets.clients) client.terminate();
    }, 500);
    await new Promise<void>((resolve) => this.#sockets.close(() => resolve()));
    clearTimeout(cut);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?')[0];
    const cameras = this.#options.cameras();
    if (path !== '/ingest') {
      refuse(socket, '404 Not Found', 'Cameras connect to /ingest');
      return;
    }
    if (this.#closing || cameras === null) {
      refuse(socket, '503 Service Unavailable', 'This edge has no configuration yet; try again');
      return;
    }
    const camera = authenticateCamera(request.headers.authorization, cameras);
    if (camera === null) {
      this.#options.log.warn({ from: request.socket.remoteAddress }, 'a camera with a wrong ingest key was refused');
      refuse(socket, '401 Unauthorized', 'The ingest key belongs to no camera of this edge');
      return;
    }
    const cameraId = camera.id;
    if (!this.#options.ready(cameraId)) {
      refuse(socket, '503 Service Unavailable', 'The models for this camera are not loaded yet; try again');
      return;
    }
    const { listener, log, window = 4 } = this.#options;
    // The connection that this one replaces may have a window's worth under way; whoever connects again and again would have more.
    if ((this.#underWay.get(cameraId) ?? 0) >= 2 * window) {
      refuse(socket, '503 Service Unavailable', 'Frames of earlier connections are still under way; try again');
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      this.#replace(cameraId);
      const session = new CameraSession({
        cameraId,
        keySha256: camera.ingestKeySha256,
        socket: client,
        log,
        window,
        listener: {
          onFrame: (from, message, crops) => {
            this.#orderPreview(from);
            return this.#counted(cameraId, listener.onFrame(from, message, crops));
          },
          onPreview: (from, message, jpeg) => listener.onPreview(from, message, jpeg),
          onState: (from, state) => listener.onState(from, state),
          onClosed: (closed) => {
            if (this.#sessions.get(cameraId) === closed) this.#sessions.delete(cameraId);
            log.info({ cameraId }, 'camera disconnected');
            listener.onClosed(closed);
          },
        },
      });
      this.#sessions.set(cameraId, session);
      log.info({ cameraId, from: request.socket.remoteAddress }, 'camera connected');
    });
  }

  async #counted(cameraId: string, frame: Promise<void>): Promise<void> {
    const add = (one: number) => {
      const count = (this.#underWay.get(cameraId) ?? 0) + one;
      if (count > 0) this.#underWay.set(cameraId, count);
      else this.#underWay.delete(cameraId);
    };
    add(1);
    await frame.finally(() => add(-1));
  }

  #replace(cameraId: string): void {
    const old = this.#sessions.get(cameraId);
    if (!old) return;
    const remedy = 'Only one agent may use a camera key; stop the other one.';
    old.close(closeCodes.replaced, new SafaceError('conflict', 'This camera connected a second time', remedy));
    this.#sessions.delete(cameraId);
  }

  #orderPreview(session: CameraSession): void {
    const wanted = this.#watched.has(session.cameraId);
    session.orderPreview(wanted ? (this.#options.preview ?? defaultPreview) : null);
  }
}

function refuse(socket: Duplex, status: string, text: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}
