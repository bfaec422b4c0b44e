/**
 * Domain errors. They know nothing of HTTP, tRPC or exit codes: one exhaustive map per door
 * (`Record<ErrorCode, ...>`) turns a code into what that door speaks.
 */
export const errorCodes = [
  'invalid-input',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'integrity', // bytes are not what their hash or format says
  'unsupported', // understood, but this build cannot do it
  'unavailable', // a thing we depend on is away; try again later
  'exhausted', // disk, memory or queue is full
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

/** An error that names the thing that is wrong and says what to do about it. */
export class SafaceError extends Error {
  readonly code: ErrorCode;
  /** One sentence a person can act on. */
  readonly remedy: string;

  constructor(code: ErrorCode, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SafaceError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** A trainer met a loss or weight that is not a number. Its weights are as before the update that failed. */
export class TrainingDivergedError extends SafaceError {
  constructor(what: string) {
    super(
      'invalid-input',
      `Training diverged: ${what}`,
      'The weights are as before this update. Lower the learning rate.',
    );
    this.name = 'TrainingDivergedError';
  }
}

/** `message: remedy` for logs and terminals; any other thrown value is described as it is. */
export function describeError(error: unknown): string {
  if (error instanceof SafaceError) return `${error.message} — ${error.remedy}`;
  return error instanceof Error ? error.message : String(error);
}
