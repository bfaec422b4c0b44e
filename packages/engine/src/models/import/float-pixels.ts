import type { OnnxModel, OnnxNode } from '../../onnx/model.ts';
import { elementCode } from '../../onnx/tensor.ts';

const floats = new Set((['float16', 'float32', 'float64'] as const).map(elementCode));
/** What a picture of bytes goes through before it is cast. */
const moves: ReadonlySet<string> = new Set(['Identity', 'Transpose']);

/**
 * A model that takes pixels as bytes and casts them to floats as one that takes the floats: SaFace's crops lie between the pixels
 * of a picture, so that their values are no whole numbers. Others come back as they are.
 */
export function floatPixels(model: OnnxModel): { model: OnnxModel; notes: string[] } {
  const { graph } = model;
  const [input, ...others] = graph.inputs;
  if (input?.type !== 'uint8' || others.length > 0) return { model, notes: [] };
  const bytes = new Set([input.name]);
  const nodes: OnnxNode[] = [];
  for (const node of graph.nodes) {
    if (!node.inputs.some((name) => bytes.has(name))) nodes.push(node);
    else if (castsToFloat(node)) nodes.push({ ...node, type: 'Identity', attributes: {} });
    else if (moves.has(node.type)) {
      bytes.add(node.outputs[0]!);
      nodes.push(node);
    } else return { model, notes: [] };
  }
  const inputs = [{ ...input, type: 'float32' as const }];
  const values = graph.values.filter(({ name }) => !bytes.has(name));
  return {
    model: { ...model, graph: { ...graph, inputs, values, nodes } },
    notes: ['Takes pixels as floats, not bytes'],
  };
}

function castsToFloat({ type, attributes: { to } }: OnnxNode): boolean {
  return type === 'Cast' && to?.kind === 'int' && floats.has(to.value);
}
