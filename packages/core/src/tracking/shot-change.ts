import type { RgbImage } from '../image.ts';

/** Thumbnail cells per side: coarse enough that people walking do not count as a new picture. */
const CELLS = 12;
/** Samples per cell and side. */
const SAMPLES = 3;

export interface ShotChangeOptions {
  /** Mean brightness change of the thumbnail's cells, 0..255, from which two frames are two shots. Default 28. */
  readonly threshold?: number;
}

/**
 * Notices when the picture becomes another one: a cut in a film, the next still of a folder, a camera that was switched or turned. Boxes
 * that overlap across such a change are different people; whoever tracks must end all tracks there.
 */
export class ShotChangeDetector {
  readonly #threshold: number;
  #previous: Float64Array | null = null;

  constructor(options: ShotChangeOptions = {}) {
    this.#threshold = options.threshold ?? 28;
  }

  /** True when this frame belongs to another shot than the one before it; false for the first. */
  isNewShot(image: RgbImage): boolean {
    const current = thumbnail(image);
    const previous = this.#previous;
    this.#previous = current;
    if (!previous) return false;
    // A lamp switched on changes all cells alike; what counts is what changes beyond that.
    const shift = mean(current) - mean(previous);
    let sum = 0;
    for (let i = 0; i < current.length; i++) sum += Math.abs(current[i] - previous[i] - shift);
    return sum / current.length > this.#threshold;
  }
}

/** Brightness of CELLS x CELLS cells, 0..255, from a few pixels each. */
function thumbnail({ width, height, data }: RgbImage): Float64Array {
  const cells = new Float64Array(CELLS * CELLS);
  const points = CELLS * SAMPLES;
  for (let j = 0; j < points; j++) {
    const y = Math.min(height - 1, Math.floor(((j + 0.5) * height) / points));
    for (let i = 0; i < points; i++) {
      const x = Math.min(width - 1, Math.floor(((i + 0.5) * width) / points));
      const at = (y * width + x) * 3;
      const cell = Math.floor(j / SAMPLES) * CELLS + Math.floor(i / SAMPLES);
      cells[cell] += (0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]) / (SAMPLES * SAMPLES);
    }
  }
  return cells;
}

function mean(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
