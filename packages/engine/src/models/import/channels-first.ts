import { toAttribute } from '../../onnx/graph-builder.ts';
import type { OnnxDim, OnnxModel } from '../../onnx/model.ts';

const COLOURS = 3;

/** Whether pictures come as [N, H, W, 3], as TensorFlow and Keras have them. */
export function coloursLast(shape: readonly OnnxDim[] | undefined): boolean {
  return shape?.length === 4 && shape[3] === COLOURS && shape[1] !== COLOURS;
}

/** The model with pictures as [N, 3, H, W]; the same object where it has them so already. */
export function channelsFirst(model: OnnxModel): OnnxModel {
  const [input, ...others] = model.graph.inputs;
  if (!input?.shape || !coloursLast(input.shape)) return model;
  const [batch, height, width, colours] = input.shape as [OnnxDim, OnnxDim, OnnxDim, OnnxDim];
  const turned = freeName(model, `${input.name}/channels-first`);
  const toLast = {
    name: turned,
    type: 'Transpose',
    domain: '',
    inputs: [turned],
    outputs: [input.name],
    attributes: { perm: toAttribute('perm', [0, 2, 3, 1]) },
  };
  const inputs = [{ ...input, name: turned, shape: [batch, colours, height, width] }, ...others];
  return { ...model, graph: { ...model.graph, inputs, nodes: [toLast, ...model.graph.nodes] } };
}

function freeName({ graph }: OnnxModel, wanted: string): string {
  const taken = new Set([...graph.initializers.keys(), ...graph.nodes.flatMap(({ outputs }) => outputs)]);
  let name = wanted;
  while (taken.has(name)) name += "'";
  return name;
}

/** Pictures [N, H, W, 3] as [N, 3, H, W]. */
export function turnPictures(pictures: Float32Array, [count, height, width]: readonly number[]): Float32Array {
  const pixels = height! * width!;
  const turned = new Float32Array(pictures.length);
  for (let n = 0; n < count!; n++)
    for (let p = 0; p < pixels; p++)
      for (let c = 0; c < COLOURS; c++)
        turned[(n * COLOURS + c) * pixels + p] = pictures[(n * pixels + p) * COLOURS + c]!;
  return turned;
}
