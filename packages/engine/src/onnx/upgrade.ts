import { SafaceError } from '@saface/core';
import type { OnnxAttribute, OnnxNode } from './model.ts';
import type { OnnxData, OnnxTensor } from './tensor.ts';

/** The operator set all rules are written for. */
export const normalOpset = 17;
/** Newest operator set whose differences from `normalOpset` are known. */
export const newestOpset = 24;

/** Gives a constant a name in the graph that is being written. */
export type AddConstant = (data: OnnxData, dims: readonly number[]) => string;

interface Upgrade {
  readonly node: OnnxNode;
  readonly opset: number;
  readonly add: AddConstant;
  readonly constants: ReadonlyMap<string, OnnxTensor>;
}

/**
 * Rewrites a node of any operator set to the form it has in `normalOpset`: what used to be attributes and
 * became inputs (Clip, Pad, Slice, axes), and the other way round (ReduceMean's axes).
 */
export function upgradeNode(upgrade: Upgrade): OnnxNode {
  const { node } = upgrade;
  if ('broadcast' in node.attributes || 'consumed_inputs' in node.attributes) throw outdated(node);
  switch (node.type) {
    case 'Clip':
      return toInputs(upgrade, [floats('min'), floats('max')]);
    case 'Pad':
      return toInputs(upgrade, [ints('pads'), floats('value')]);
    case 'Slice':
      return toInputs(upgrade, [ints('starts'), ints('ends'), ints('axes')]);
    case 'Squeeze':
    case 'Unsqueeze':
    case 'ReduceSum':
      return toInputs(upgrade, [ints('axes')]);
    case 'ReduceMean':
    case 'ReduceL2':
      return axesToAttribute(upgrade);
    case 'Dropout':
      return {
        ...node,
        type: 'Identity',
        inputs: node.inputs.slice(0, 1),
        outputs: node.outputs.slice(0, 1),
        attributes: {},
      };
    case 'AveragePool': {
      // Windows with holes came with operator set 19; without holes it says nothing.
      const { dilations, ...attributes } = node.attributes;
      if (dilations?.kind === 'ints' && dilations.value.some((step) => step !== 1)) throw outdated(node);
      return { ...node, attributes };
    }
    case 'BatchNormalization':
      return { ...node, outputs: node.outputs.slice(0, 1), attributes: pick(node, ['epsilon']) };
    default:
      return node;
  }
}

type Taken = {
  readonly name: string;
  readonly make: (attribute: OnnxAttribute) => { data: OnnxData; dims: readonly number[] } | undefined;
};

function floats(name: string): Taken {
  return {
    name,
    make: (attribute) =>
      attribute.kind === 'float' ? { data: Float32Array.of(attribute.value), dims: [] } : undefined,
  };
}

function ints(name: string): Taken {
  return {
    name,
    make: (attribute) =>
      attribute.kind === 'ints'
        ? { data: BigInt64Array.from(attribute.value, BigInt), dims: [attribute.value.length] }
        : undefined,
  };
}

/** Appends the named attributes as constant inputs, in order; a node that has none of them is new enough already. */
function toInputs({ node, add }: Upgrade, taken: readonly Taken[]): OnnxNode {
  if (!taken.some(({ name }) => name in node.attributes)) return node;
  const added = taken.map(({ name, make }) => {
    const attribute = node.attributes[name];
    const constant = attribute && make(attribute);
    return constant ? add(constant.data, constant.dims) : '';
  });
  while (added.at(-1) === '') added.pop();
  const dropped = new Set(taken.map(({ name }) => name));
  const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !dropped.has(name)));
  return { ...node, inputs: [node.inputs[0]!, ...added], attributes };
}

function axesToAttribute({ node, constants }: Upgrade): OnnxNode {
  const [data, axesName] = node.inputs;
  if (axesName === undefined || axesName === '')
    return { ...node, inputs: [data!], attributes: pick(node, ['axes', 'keepdims']) };
  const axes = constants.get(axesName);
  if (!axes) throw outdated(node);
  return {
    ...node,
    inputs: [data!],
    attributes: { ...pick(node, ['keepdims']), axes: { kind: 'ints', value: Array.from(axes.data, Number) } },
  };
}

function pick(node: OnnxNode, names: readonly string[]): Record<string, OnnxAttribute> {
  return Object.fromEntries(Object.entries(node.attributes).filter(([name]) => names.includes(name)));
}

function outdated(node: OnnxNode): SafaceError {
  return new SafaceError(
    'unsupported',
    `SaFace cannot handle this form of ${node.type} (makes "${node.outputs[0]}")`,
    `Export the model with ONNX operator set ${normalOpset}.`,
  );
}
