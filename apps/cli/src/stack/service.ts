/** A process of the stack: how it is started, how one knows that it is ready. */
export interface Service {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Signal that ends it cleanly; PostgreSQL wants SIGINT for a fast shutdown. */
  readonly stopSignal?: 'SIGTERM' | 'SIGINT';
  /** Asked until it answers true; a rejection counts as not yet. */
  readonly ready: () => Promise<boolean>;
  /** How long the first start may take before it counts as failed, in ms. */
  readonly startTimeout: number;
}
