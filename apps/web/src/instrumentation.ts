/** How long requests under way may take to end once the server has been told to stop, in ms. */
const GRACE = 3000;

/**
 * Told to stop, Next.js no longer listens but waits for its connections; live pictures never end by themselves, and a server that neither
 * serves nor goes would not be started again by whoever looks after it.
 */
export function register(): void {
  process.once('SIGTERM', () => setTimeout(() => process.exit(0), GRACE).unref());
}
