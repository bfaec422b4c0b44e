import { gradientPads, type KnownConv } from './blocked-gradients.ts';
import { int, ints, type NodeWriter } from './node-writer.ts';

/** Bytes of output gradients that stay in a core's cache while a convolution goes over an image with them. */
const CACHED_BYTES = 2 ** 20;
/** Filters that ONNX Runtime's blocked convolutions compute together, in blocks. */
const BLOCKS_TOGETHER = 4;

/** Samples from which on `batchWeightGradient` is quicker than a matrix product: the batch is filled up to whole blocks. */
export function isLargeBatch(samples: number, block: number): boolean {
  return samples >= 2 * block;
}

/** Whether the weight gradient of a dense convolution can be computed, quickly, as a convolution over the batch. */
export function convolvesOverBatch(conv: KnownConv, block: number): boolean {
  const { kernel, dilations, output } = conv;
  const slice = output[0] * output[1] * block * BLOCKS_TOGETHER * block * Float32Array.BYTES_PER_ELEMENT;
  // A kernel of one cell needs no unrolled image, which is what this saves.
  return (
    kernel[0] * kernel[1] > 1 && dilations.every((step) => step === 1) && slice <= CACHED_BYTES && seesPixels(conv)
  );
}

/** A stride may be so long that no cell ever lies on the image. */
function seesPixels({ input, pads, ...window }: KnownConv): boolean {
  const [, left, bottom, right] = gradientPads({ ...window, input, pads }, pads) as [number, number, number, number];
  return input[0] + Math.min(0, bottom) > 0 && input[1] + left + right > 0;
}

/**
 * dW [F, kh kw C] of a dense convolution from channel-last x [N, H, W, C] and blocked dy: itself a convolution, whose channels are the
 * samples and whose kernels are the output gradients. With the channels of x side by side in one long row of pixels, and a kernel whose
 * columns lie C apart, its output is [F, kh, kw C]: rows long enough for ONNX Runtime to compute many values at a time, and nothing is unrolled.
 */
export function batchWeightGradient(
  writer: NodeWriter,
  { x, dy, output }: { x: string; dy: string; output: string },
  { conv, block }: { conv: KnownConv; block: number },
): string {
  const { channels, filters, kernel, input, strides, pads } = conv;
  const missing = missingSamples(writer, x, { output, block });
  const [top, left, bottom, right] = gradientPads(conv, pads) as [number, number, number, number];
  // Rows of zeros are left out by the convolution itself, columns and what is cut off are not.
  const cut = Math.min(0, bottom);
  const [height, width] = [input[0] + cut, input[1] + left + right];
  const image = padBatch(writer, x, {
    output: `${output}/image`,
    missing,
    before: [0, left, 0],
    after: [cut, right, 0],
  });
  const samplesInside = writer.blocked(
    'ReorderInput',
    [writer.reshape(image, `${output}/pixels`, [1, -1, 1, height * width * channels])],
    { output: `${output}/samples` },
  );
  const convolved = writer.blocked(
    'Conv',
    [
      writer.reshape(samplesInside, `${output}/row`, [1, -1, height, width * channels]),
      gradientKernels(writer, dy, { output, conv, block, missing }),
    ],
    {
      output: `${output}/convolved`,
      attributes: {
        kernel_shape: ints(...conv.output),
        dilations: ints(strides[0], strides[1] * channels),
        pads: ints(top, 0, Math.max(0, bottom), 0),
      },
    },
  );
  const plain = writer.blocked('ReorderOutput', [convolved], {
    output: `${output}/rows`,
    attributes: { channels: int(filters) },
  });
  return writer.reshape(plain, `${output}/product`, [filters, kernel[0] * kernel[1] * channels]);
}

/** dy as kernels [F, N, H', W'] in the form that blocked convolutions want: [F/b, N/b, H', W', b of N, b of F]. */
function gradientKernels(
  writer: NodeWriter,
  dy: string,
  { output, conv, block, missing }: { output: string; conv: KnownConv; block: number; missing: string },
): string {
  const places = conv.output[0] * conv.output[1];
  const blocks = writer.reshape(dy, `${output}/gradients`, [-1, conv.filters / block, places, block]);
  const whole = padBatch(writer, blocks, { output: `${output}/gradients/whole`, missing });
  const split = writer.reshape(whole, `${output}/gradients/split`, [-1, block, conv.filters / block, places, block]);
  const moved = writer.transpose(split, `${output}/gradients/moved`, [2, 0, 3, 1, 4]);
  return writer.reshape(moved, `${output}/kernels`, [conv.filters, -1, ...conv.output]);
}

/** How many samples the batch lacks to whole blocks, [1]. */
function missingSamples(writer: NodeWriter, x: string, { output, block }: { output: string; block: number }): string {
  const samples = writer.standard('Shape', [x], {
    output: `${output}/count`,
    attributes: { start: int(0), end: int(1) },
  });
  const negative = writer.standard('Neg', [samples], { output: `${output}/negative` });
  return writer.standard('Mod', [negative, writer.int64([block])], { output: `${output}/missing` });
}

/** Zeros for the samples that are missing, and around each as `before` and `after` say; negative amounts cut off. */
function padBatch(
  writer: NodeWriter,
  input: string,
  {
    output,
    missing,
    before = [0, 0, 0],
    after = [0, 0, 0],
  }: { output: string; missing: string; before?: readonly number[]; after?: readonly number[] },
): string {
  const amounts = writer.standard('Concat', [writer.int64([0, ...before]), missing, writer.int64([...after])], {
    output: `${output}/amounts`,
    attributes: { axis: int(0) },
  });
  return writer.standard('Pad', [input, amounts], { output });
}
