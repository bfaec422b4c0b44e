interface ErrorWords {
  message: string;
  remedy: string | null;
}

const stringAt = (value: unknown, key: string): string | null => {
  const found = value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[key] : undefined;
  return typeof found === 'string' && found !== '' ? found : null;
};

/**
 * What went wrong and what to do, from whatever a query or a fetch threw: tRPC errors carry the domain's remedy in
 * `data.remedy`, JSON answers of the HTTP doors beside the message; a browser's "Failed to fetch" is put into words.
 */
export function errorText(error: unknown): ErrorWords {
  const data = error !== null && typeof error === 'object' && 'data' in error ? error.data : null;
  const message = stringAt(error, 'message') ?? 'Something went wrong';
  if (/^(failed to fetch|load failed|networkerror)/i.test(message)) {
    return { message: 'The control plane does not answer', remedy: 'Check that it runs and that you are connected.' };
  }
  return { message, remedy: stringAt(data, 'remedy') ?? stringAt(error, 'remedy') };
}
