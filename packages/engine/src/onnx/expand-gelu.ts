import type { OnnxNode } from './model.ts';

/**
 * Gelu is younger than the normal operator set: x/2 * (1 + erf(x / sqrt(2))), or with tanh where the model asks for the
 * approximation, in operators that the set has.
 * @param scalar makes a constant and gives its name
 */
export function expandGelu(node: OnnxNode, scalar: (value: number) => string): OnnxNode[] {
  const [x] = node.inputs as [string];
  const output = node.outputs[0]!;
  const parts: OnnxNode[] = [];
  const op = (type: string, inputs: readonly string[], name = `${output}/gelu${parts.length}`): string => {
    parts.push({ name, type, domain: '', inputs, outputs: [name], attributes: {} });
    return name;
  };
  const { approximate } = node.attributes;
  const roundabout = approximate?.kind === 'string' && approximate.value === 'tanh';
  const cube = () => op('Mul', [op('Mul', [op('Mul', [x, x]), x]), scalar(0.044715)]);
  const bent = roundabout
    ? op('Tanh', [op('Mul', [op('Add', [x, cube()]), scalar(Math.sqrt(2 / Math.PI))])])
    : op('Erf', [op('Mul', [x, scalar(Math.SQRT1_2)])]);
  op('Mul', [op('Mul', [x, scalar(0.5)]), op('Add', [bent, scalar(1)])], output);
  return parts;
}
