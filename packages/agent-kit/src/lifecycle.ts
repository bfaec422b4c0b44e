import { describeError, SafaceError } from '@saface/core';
import type { Logger } from 'pino';

export interface ProcessOptions {
  readonly logger: Logger;
  /** Longest time for an orderly end after SIGTERM or SIGINT, milliseconds. Default 4000. */
  readonly grace?: number;
}

/** 0 asked to end; 1 a defect or a lost dependency (start again); 2 wrong settings (starting again does not help). */
export const exitCodeOf = (error: unknown): number =>
  error instanceof SafaceError && ['invalid-input', 'unauthenticated', 'not-found', 'unsupported'].includes(error.code)
    ? 2
    : 1;

/**
 * Runs an agent until `main` returns or the process is told to end: SIGTERM and SIGINT abort `signal`, after which `main` has
 * the grace period to finish. Ends the process with the code of `exitCodeOf`.
 */
export async function runProcess(
  options: ProcessOptions,
  main: (signal: AbortSignal) => Promise<void>,
): Promise<never> {
  const { logger, grace = 4000 } = options;
  const controller = new AbortController();
  const end = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) return;
    logger.info({ signal: name }, 'ending');
    controller.abort(new DOMException(`Told to end (${name})`, 'AbortError'));
    setTimeout(() => {
      logger.warn('not everything ended in time');
      process.exit(0);
    }, grace).unref();
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  const fatal = (error: unknown) => {
    logger.fatal({ err: error }, describeError(error));
    process.exit(1);
  };
  process.on('uncaughtException', fatal);
  process.on('unhandledRejection', fatal);
  try {
    await main(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) {
      logger.fatal(error instanceof SafaceError ? { code: error.code } : { err: error }, describeError(error));
      process.exit(exitCodeOf(error));
    }
  }
  process.exit(0);
}
