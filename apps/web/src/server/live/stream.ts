import type { Redis } from 'ioredis';
import type { LiveHub } from './live-hub.ts';
import { markWatched, RENEW_MS } from './watch.ts';

/** Frames a slow browser may fall behind before frames are left out for it. */
const FRAMES_AHEAD = 2;

/**
 * Endless body of `uint32 LE length | live frame`. While it is open the camera counts as watched; a reader that cannot
 * keep up misses frames instead of getting old ones. A message of length 0 comes at once and every few seconds: headers only
 * travel with a first byte, and a proxy closes what is silent. It ends within those seconds once its reader is no longer
 * `allowed`.
 */
export function liveStream(
  { redis, hub }: { redis: Redis; hub: LiveHub },
  cameraId: string,
  { signal, allowed }: { signal: AbortSignal; allowed: () => Promise<boolean> },
): ReadableStream<Uint8Array> {
  let stop = () => {};
  return new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        const renew = () => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(new Uint8Array(4));
          return markWatched(redis, cameraId).catch(() => undefined);
        };
        const timer = setInterval(() => {
          void renew();
          // While the database is away nobody can have been signed out either.
          allowed().then(
            (still) => still || end(),
            () => undefined,
          );
        }, RENEW_MS);
        let unwatch = () => {};
        let open = true;
        stop = () => {
          open = false;
          clearInterval(timer);
          unwatch();
        };
        const end = () => {
          if (!open) return;
          stop();
          controller.close();
        };
        signal.addEventListener('abort', end);
        await renew();
        unwatch = await hub.watch(cameraId, (frame) => {
          if (!open || (controller.desiredSize ?? 0) <= 0) return;
          const message = new Uint8Array(4 + frame.length);
          new DataView(message.buffer).setUint32(0, frame.length, true);
          message.set(frame, 4);
          controller.enqueue(message);
        });
        if (!open) unwatch();
      },
      cancel() {
        stop();
      },
    },
    new CountQueuingStrategy({ highWaterMark: FRAMES_AHEAD }),
  );
}
