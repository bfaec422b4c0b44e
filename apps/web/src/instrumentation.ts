/**
 * Told to stop, Next.js no longer listens but waits for its connections; live pictures never end by themselves, and a server that neither
 * serves nor goes would not be started again by whoever looks after it.
 *
 * @param grace how long requests under way may take to end, in ms. Next.js itself gives no arguments.
 */
export function register(grace = 3000): void {
  process.once('SIGTERM', () => setTimeout(() => process.exit(0), grace).unref());
}
