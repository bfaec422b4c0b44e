/**
 * Runs `work` with a signal that aborts with `outer` or after `milliseconds`, whichever comes first.
 * `AbortSignal.any` is not used: on Node 20 it keeps every derived signal alive as long as `outer` lives.
 */
export async function withDeadline<T>(
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const controller = new AbortController();
  const forward = () => controller.abort(outer?.reason);
  outer?.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(
    () => controller.abort(new DOMException(`No answer within ${milliseconds} ms`, 'TimeoutError')),
    milliseconds,
  );
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', forward);
  }
}

/** The same for work that may never settle, whatever its signal says. */
export const settleWithin = <T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> =>
  withDeadline(milliseconds, undefined, (signal) =>
    Promise.race([
      work(signal),
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    ]),
  );
