import { GraphBuilder } from '../onnx/graph-builder.ts';
import { noiseArray } from '../training/fixtures.ts';

/** The first layers of a recogniser for crops of `size`: [N, 3, size, size] -> [N, 8, size/2, size/2]; made-up weights. */
export function tinyExtractor(size: number): Uint8Array {
  const graph = new GraphBuilder();
  const weight = (dims: readonly number[], seed: number) =>
    graph.constant(
      noiseArray(
        dims.reduce((a, b) => a * b, 1),
        seed,
        0.3,
      ),
      dims,
    );
  const window = { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
  const first = graph.op('Conv', [graph.input('image', ['N', 3, size, size]), weight([8, 3, 3, 3], 1)], window);
  const deep = graph.op('Conv', [graph.op('Relu', [first]), weight([8, 1, 3, 3], 2), weight([8], 3)], {
    kernel_shape: [3, 3],
    dilations: [2, 2],
    pads: [2, 2, 2, 2],
    group: 8,
  });
  graph.output(graph.op('PRelu', [deep, weight([8, 1, 1], 4)], {}, 'features'), ['N', 8, size / 2, size / 2]);
  return graph.encode();
}
