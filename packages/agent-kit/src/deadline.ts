/**
 * Runs `work` with a signal that aborts with `outer` or after `milliseconds`, whichever comes first. Then it rejects with the signal's reason,
 * also where `work` never settles: a fetch whose connection breaks at the wrong moment does not, whatever its signal says (Node 20).
 * `AbortSignal.any` is not used: on Node 20 it keeps every derived signal alive as long as `outer` lives.
 */
export async function withDeadline<T>(
  milliseconds: number,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const { promise: aborted, reject } = withReject();
  const controller = new AbortController();
  const abort = (reason: unknown) => {
    reject(reason);
    controller.abort(reason);
  };
  const forward = () => abort(outer?.reason);
  outer?.addEventListener('abort', forward, { once: true });
  const timer = setTimeout(
    () => abort(new DOMException(`No answer within ${milliseconds} ms`, 'TimeoutError')),
    milliseconds,
  );
  try {
    return await Promise.race([work(controller.signal), aborted]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', forward);
  }
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}
