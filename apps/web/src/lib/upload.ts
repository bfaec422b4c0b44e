import { SafaceError } from '@saface/core/errors';
import { z } from 'zod';

const errorSchema = z.object({ message: z.string(), remedy: z.string().nullish() });

/**
 * Sends a form; `onSent` gets the bytes sent so far. XMLHttpRequest because fetch does not tell how far an upload is.
 *
 * @throws SafaceError with the server's words when it refuses
 */
export function sendForm<T>(
  url: string,
  body: FormData,
  { answer, onSent, remedy }: { answer: z.ZodType<T>; onSent: (bytes: number) => void; remedy: string },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => onSent(event.loaded));
    request.addEventListener('error', () => reject(new TypeError('Failed to fetch')));
    request.addEventListener('load', () => {
      const parsed = answer.safeParse(request.response);
      if (request.status < 300 && parsed.success) resolve(parsed.data);
      else reject(refusal(request.status, { body: request.response, remedy }));
    });
    request.send(body);
  });
}

function refusal(status: number, { body, remedy }: { body: unknown; remedy: string }): SafaceError {
  const error = errorSchema.safeParse(body);
  if (error.success) return new SafaceError('invalid-input', error.data.message, error.data.remedy ?? '');
  return new SafaceError('internal', `The upload was answered with ${status}`, remedy);
}
