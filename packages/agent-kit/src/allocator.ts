/**
 * Environment for processes that take models of tens of megabytes in and let them go again. By default the C library keeps such memory
 * for itself once it was freed, and a process that gets new versions seems to grow without end; above this size it is given back at once.
 * Smaller pieces are faster when they are kept.
 */
export const allocatorEnvironment: Readonly<Record<string, string>> = {
  MALLOC_MMAP_THRESHOLD_: String(2 ** 20),
};
