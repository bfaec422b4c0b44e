import { z } from 'zod';
import { sendForm } from '../../lib/upload.ts';

const answerSchema = z.object({
  accepted: z.array(z.object({ id: z.string(), fileName: z.string() })),
  refused: z.array(z.object({ fileName: z.string(), message: z.string(), remedy: z.string().nullish() })),
});
export type UploadAnswer = z.infer<typeof answerSchema>;

/** What one request may carry, well below what the server takes; more pictures go in several. */
const PER_REQUEST = { files: 20, bytes: 100 * 1024 * 1024 };

/** In order; a file that is too large for any batch goes alone, and the server says so. */
export function inBatches<T extends { readonly size: number }>(files: readonly T[], most = PER_REQUEST): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = batches.at(-1);
    bytes += file.size;
    if (last && last.length < most.files && bytes <= most.bytes) last.push(file);
    else {
      batches.push([file]);
      bytes = file.size;
    }
  }
  return batches;
}

/** Sends pictures of one person. `onProgress` gets the share of bytes sent, 0..1. */
export async function uploadPictures(
  identityId: string,
  files: readonly File[],
  onProgress: (share: number) => void,
): Promise<UploadAnswer> {
  const total = files.reduce((sum, file) => sum + file.size, 0) || 1;
  const result: UploadAnswer = { accepted: [], refused: [] };
  let before = 0;
  for (const batch of inBatches(files)) {
    const answer = await sendBatch(identityId, batch, (sent) => onProgress(Math.min(1, (before + sent) / total)));
    result.accepted.push(...answer.accepted);
    result.refused.push(...answer.refused);
    before += batch.reduce((sum, file) => sum + file.size, 0);
  }
  onProgress(1);
  return result;
}

function sendBatch(identityId: string, files: File[], onSent: (bytes: number) => void): Promise<UploadAnswer> {
  const body = new FormData();
  for (const file of files) body.append('pictures', file, file.name);
  return sendForm(`/api/identities/${encodeURIComponent(identityId)}/pictures`, body, {
    answer: answerSchema,
    onSent,
    remedy: 'Try again with fewer or smaller pictures.',
  });
}
