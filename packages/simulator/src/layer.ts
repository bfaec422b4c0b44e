/** A rectangle of pixels in the frame; `right` and `bottom` are exclusive. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Linear-light picture with coverage: red, green, blue, alpha interleaved, colours multiplied by alpha. */
export interface Layer {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

export function createLayer(width: number, height: number): Layer {
  return { width, height, data: new Float32Array(width * height * 4) };
}

/** The whole pixels that cover left..right, top..bottom, within the layer. */
export function coveringRectangle(layer: Layer, left: number, top: number, right: number, bottom: number): Rectangle {
  return {
    left: Math.max(0, Math.floor(left)),
    top: Math.max(0, Math.floor(top)),
    right: Math.max(0, Math.min(layer.width, Math.ceil(right))),
    bottom: Math.max(0, Math.min(layer.height, Math.ceil(bottom))),
  };
}
