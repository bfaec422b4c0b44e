import type { Engine } from '@saface/engine/engines/index';

/**
 * Milliseconds that work would take on an idle machine. One thread's processor time is just that, whoever else wants the processor
 * meanwhile; of several threads, or a GPU, only the clock on the wall is known.
 */
export function stopwatch(threads: number, { device }: Pick<Engine, 'device'>): () => number {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  return () => {
    const elapsed = performance.now() - wall;
    if (threads > 1 || device === 'gpu') return elapsed;
    const { user, system } = process.cpuUsage(cpu);
    return Math.min(elapsed, (user + system) / 1000);
  };
}
