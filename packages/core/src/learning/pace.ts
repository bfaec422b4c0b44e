import type { FineTuneInput } from './fine-tune-types.ts';

/**
 * Waits until the scheduler allows something (B_t of Eq. 2); at full speed where there is none.
 * @returns triplets that may be trained now, 1 to `most`; null when the run was stopped meanwhile
 */
export async function granted(
  { nextBatchSize, signal }: Pick<FineTuneInput, 'nextBatchSize' | 'signal'>,
  most: number,
): Promise<number | null> {
  for (;;) {
    const allowed = nextBatchSize ? Math.floor(await nextBatchSize()) : most;
    if (signal?.aborted) return null;
    if (allowed > 0) return Math.min(allowed, most);
    // Lets timers and signals through even when the scheduler answers at once.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
