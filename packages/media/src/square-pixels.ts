import type { Rational } from 'node-av';

/** Shapes further from a square are a broken header, nearer to one the rounding of a size. */
const widest = 4;
const nearlySquare = 1.01;

interface Noted {
  readonly sampleAspectRatio: Pick<Rational, 'num' | 'den'>;
}

/**
 * How much wider than high a picture's pixels are to be shown: 1 where they are square, or nothing says so.
 *
 * @param stream what its container notes, which comes first
 * @param picture what its decoder notes
 */
export function pixelAspect(stream: Noted, picture: Noted): number {
  const { num, den } = stream.sampleAspectRatio.num > 0 ? stream.sampleAspectRatio : picture.sampleAspectRatio;
  const aspect = num > 0 && den > 0 ? num / den : 1;
  const oblong = Math.max(aspect, 1 / aspect);
  return oblong > widest || oblong < nearlySquare ? 1 : aspect;
}

/** The size at which a stored picture is shown with square pixels; never smaller than it is stored. */
export function shownSize(
  { width, height }: { readonly width: number; readonly height: number },
  aspect: number,
): { width: number; height: number } {
  return aspect > 1 ? { width: Math.round(width * aspect), height } : { width, height: Math.round(height / aspect) };
}
