import type { OnnxGraph, OnnxNode } from '../onnx/model.ts';
import { OperatorView } from '../onnx/ops/operator.ts';
import { padsOf } from '../onnx/ops/pad.ts';
import { isTiling, windowOf } from '../onnx/ops/window.ts';
import type { Shape } from '../onnx/shape.ts';
import { poolGradient } from './blocked-gradients.ts';
import { int, ints, type NodeWriter } from './node-writer.ts';
import type { TensorForms } from './tensor-forms.ts';

interface Source {
  readonly graph: OnnxGraph;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly block: number;
}

/** Operators between convolutions that see more than one value at a time, on images whose channels are stored in blocks. */
export class BlockedImages {
  readonly #writer: NodeWriter;
  readonly #forms: TensorForms;
  readonly #graph: OnnxGraph;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #block: number;

  constructor(writer: NodeWriter, forms: TensorForms, { graph, shapes, block }: Source) {
    this.#writer = writer;
    this.#forms = forms;
    this.#graph = graph;
    this.#shapes = shapes;
    this.#block = block;
  }

  /** Writes the operator in blocks; false where that cannot be done. */
  add(node: OnnxNode): boolean {
    return this.#addPool(node) || this.#addPad(node) || this.#addChannelSum(node);
  }

  /** A pool over whole blocks of channels. */
  #addPool(node: OnnxNode): boolean {
    if (!['AveragePool', 'GlobalAveragePool', 'MaxPool'].includes(node.type) || node.outputs.length !== 1) return false;
    const x = node.inputs[0]!;
    if (!this.#isWhole(x) || !this.#forms.has(x)) return false;
    const view = this.#view(node);
    if (node.type === 'AveragePool' && windowOf(view, view.ints('kernel_shape')).dilations.some((step) => step !== 1))
      return false;
    this.#forms.push(node.type, [this.#forms.toBlocked(x)], { attributes: node.attributes, of: node.outputs[0]! });
    return true;
  }

  /** Gradient of an average pool; false where the ordinary way has to do. */
  addPoolGradient(name: string, { node, dy }: { node: OnnxNode; dy: string }): boolean {
    const x = node.inputs[0]!;
    if (!this.#isWhole(x) || !this.#forms.has(dy)) return false;
    const view = this.#view(node);
    const window = windowOf(view, view.ints('kernel_shape'));
    if (!isTiling(window)) return false;
    const tensors = { dy: this.#forms.toBlocked(dy), output: `${name}/blocked` };
    const sizes = { window, channels: view.size(0, 1), block: this.#block };
    this.#forms.addBlocked(name, poolGradient(this.#writer, tensors, sizes));
    return true;
  }

  /** A border around the pixels, or whole blocks of channels before and behind; negative amounts cut one off. */
  #addPad(node: OnnxNode): boolean {
    const [x = '', , value = ''] = node.inputs;
    const blocked = this.#forms.blocked(x);
    const view = this.#view(node);
    if (node.type !== 'Pad' || blocked === undefined || !this.#isWhole(x)) return false;
    if (view.string('mode', 'constant') !== 'constant') return false;
    const [, before = 0, top = 0, left = 0, , behind = 0, bottom = 0, right = 0] = padsOf(view);
    const [b, w, output] = [this.#block, this.#writer, node.outputs[0]!];
    if (before % b !== 0 || behind % b !== 0) return false;
    const [, channels, height, width] = [0, 1, 2, 3].map((axis) => (axis === 0 ? -1 : view.size(0, axis)));
    const image = w.reshape(blocked, `${output}/image`, [-1, channels! / b, height!, width!, b]);
    const amounts = w.int64([0, before / b, top, left, 0, 0, behind / b, bottom, right, 0]);
    const { attributes } = node;
    const inputs = value === '' ? [image, amounts] : [image, amounts, value];
    const padded = w.standard('Pad', inputs, { output: `${output}/padded`, attributes });
    const sizes = this.#shapes.get(output)!.slice(1).map(Number);
    this.#forms.addBlocked(output, w.reshape(padded, `${output}/blocked`, [-1, ...sizes]));
    return true;
  }

  /** The sum or mean over samples and pixels of a blocked tensor: gradients of biases and slopes, batch statistics. */
  #addChannelSum(node: OnnxNode): boolean {
    const [x = '', axesName = ''] = node.inputs;
    const blocked = this.#forms.blocked(x);
    const attribute = node.attributes.axes?.kind === 'ints' ? node.attributes.axes.value : undefined;
    const axes = attribute ?? Array.from(this.#graph.initializers.get(axesName)?.data ?? [], Number);
    if (!['ReduceSum', 'ReduceMean'].includes(node.type) || axes.join() !== '0,2,3' || blocked === undefined)
      return false;
    const keeps = node.attributes.keepdims?.value !== 0;
    const [, channels, height, width] = this.#shapes.get(x)!.map(Number) as [number, number, number, number];
    const [w, output] = [this.#writer, node.outputs[0]!];
    const over = (input: string, axis: number, result: string) =>
      attribute
        ? w.standard(node.type, [input], { output: result, attributes: { axes: ints(axis), keepdims: int(0) } })
        : w.standard(node.type, [input, w.int64([axis])], { output: result, attributes: { keepdims: int(0) } });
    // ONNX Runtime is fast where the axes that go lie together.
    const pixels = over(w.reshape(blocked, `${output}/pixels`, [-1, height * width, this.#block]), 1, `${output}/each`);
    over(w.reshape(pixels, `${output}/rows`, [-1, channels]), 0, keeps ? `${output}/all` : output);
    if (keeps) w.reshape(`${output}/all`, output, [1, channels, 1, 1]);
    this.#forms.addPlain(output);
    return true;
  }

  /** Images of known size with whole blocks of channels. */
  #isWhole(name: string): boolean {
    const shape = this.#shapes.get(name) ?? [];
    return shape.length === 4 && shape.slice(1).every(Number.isInteger) && Number(shape[1]) % this.#block === 0;
  }

  #view(node: OnnxNode): OperatorView {
    return new OperatorView(node, this.#shapes, this.#graph.initializers);
  }
}
