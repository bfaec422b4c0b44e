import type { FrameMessage } from '@saface/core';

/** What happened on one camera since the last sample. */
export interface CameraInterval {
  readonly frames: number;
  readonly framesDropped: number;
  readonly facesFound: number;
  readonly facesSent: number;
  readonly probes: number;
  /** Median capture -> decision, milliseconds; null when nothing was decided. */
  readonly latency: number | null;
}

/** Counts per camera between two metric samples. */
export class CameraStats {
  readonly #counts = new Map<string, { -readonly [K in keyof Omit<CameraInterval, 'latency'>]: number }>();
  readonly #latencies = new Map<string, number[]>();
  readonly #lastLatency = new Map<string, number>();

  frame(cameraId: string, { counters, probes }: Pick<FrameMessage, 'counters' | 'probes'>): void {
    const count = this.#of(cameraId);
    count.frames += 1;
    count.framesDropped += counters.framesDropped;
    count.facesFound += counters.facesFound;
    count.facesSent += counters.facesSent;
    count.probes += probes.length;
  }

  latency(cameraId: string, milliseconds: number): void {
    const value = Math.max(0, milliseconds);
    this.#lastLatency.set(cameraId, value);
    const values = this.#latencies.get(cameraId);
    if (values) values.push(value);
    else this.#latencies.set(cameraId, [value]);
  }

  /** Of the newest decided frame; 0 before the first. */
  lastLatency(cameraId: string): number {
    return this.#lastLatency.get(cameraId) ?? 0;
  }

  /** The counts since the last call; cameras that sent nothing are left out. */
  take(): Map<string, CameraInterval> {
    const taken = new Map<string, CameraInterval>();
    for (const [cameraId, count] of this.#counts)
      taken.set(cameraId, { ...count, latency: median(this.#latencies.get(cameraId) ?? []) });
    this.#counts.clear();
    this.#latencies.clear();
    return taken;
  }

  #of(cameraId: string) {
    let count = this.#counts.get(cameraId);
    if (!count) {
      count = { frames: 0, framesDropped: 0, facesFound: 0, facesSent: 0, probes: 0 };
      this.#counts.set(cameraId, count);
    }
    return count;
  }
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
