/** Pixels as rows of interleaved 8-bit RGB: `data.length === width * height * 3`. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** One frame I_t of a camera. */
export interface Frame extends RgbImage {
  /** 0-based position in the source; rises by one for each frame the source produced, dropped or not. */
  readonly index: number;
  /** Capture time in milliseconds: of the wall clock (Unix epoch) for live sources, of the media clock for files. */
  readonly time: number;
}
