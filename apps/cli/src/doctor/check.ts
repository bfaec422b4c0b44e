/** One thing that was looked at. `fail`: the product cannot run like this; `warn`: it can, but something is worth doing. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to do about it; null when all is well. */
  readonly remedy: string | null;
}

export const ok = (name: string, found: string): Check => ({ name, status: 'ok', found, remedy: null });

export const warn = (name: string, found: string, remedy: string): Check => ({ name, status: 'warn', found, remedy });

export const fail = (name: string, found: string, remedy: string): Check => ({ name, status: 'fail', found, remedy });
