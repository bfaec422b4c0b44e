import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** JSON lines on stderr. Secrets in the usual fields never reach the log. */
export function createLogger(name: string, level = 'info'): Logger {
  return pino(
    {
      name,
      level,
      redact: { paths: ['token', 'secret', 'ingestKey', '*.token', '*.secret', '*.ingestKey'], censor: '[hidden]' },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}
