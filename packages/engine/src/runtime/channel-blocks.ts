import { GraphBuilder } from '../onnx/graph-builder.ts';
import { encodeModel } from '../onnx/model.ts';
import { floatData, floatTensor, OrtSession } from './session.ts';

/** ONNX Runtime's own operators on images whose channels are stored in blocks; they exist on the CPU only. */
export const blockedDomain = 'com.microsoft.nchwc';

let detected: Promise<number | undefined> | undefined;

/**
 * How many channels ONNX Runtime's fast CPU convolutions keep together on this machine (16 with AVX-512 and NEON, 8 with
 * AVX2), or undefined when this build has none. Asked by reordering two pixels and looking where they went.
 */
export function channelBlock(): Promise<number | undefined> {
  detected ??= detect();
  return detected;
}

async function detect(): Promise<number | undefined> {
  const channels = 64;
  const graph = new GraphBuilder();
  const image = graph.input('image', [1, channels, 1, 2]);
  graph.node({
    name: 'reorder',
    type: 'ReorderInput',
    domain: blockedDomain,
    inputs: [image],
    outputs: ['blocked'],
    attributes: {},
  });
  graph.output('blocked');
  const model = graph.build();
  try {
    const session = await OrtSession.create(
      encodeModel({ ...model, opsets: { ...model.opsets, [blockedDomain]: 1 } }),
      { threads: 1 },
    );
    const pixels = Float32Array.from({ length: channels * 2 }, (_, index) => index);
    const { blocked } = await session.run({ image: floatTensor(pixels, [1, channels, 1, 2]) });
    await session.dispose();
    // Value 1 is the second pixel of the first channel: in front of it lies one block of first pixels.
    const block = floatData(blocked, 'blocked').indexOf(1);
    return block > 1 && channels % block === 0 ? block : undefined;
  } catch {
    // This build has no such operators; the standard ones do the work.
    return undefined;
  }
}
