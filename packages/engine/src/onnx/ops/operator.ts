import { SafaceError } from '@saface/core';
import type { GraphBuilder } from '../graph-builder.ts';
import type { OnnxNode } from '../model.ts';
import type { Shape } from '../shape.ts';
import type { OnnxTensor } from '../tensor.ts';

/** One node of a normalised model with what is known about it before it runs. */
export class OperatorView {
  readonly node: OnnxNode;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #constants: ReadonlyMap<string, OnnxTensor>;

  constructor(node: OnnxNode, shapes: ReadonlyMap<string, Shape>, constants: ReadonlyMap<string, OnnxTensor>) {
    this.node = node;
    this.#shapes = shapes;
    this.#constants = constants;
  }

  /** `Conv "layer1"`, for messages. */
  get label(): string {
    return this.node.name
      ? `${this.node.type} "${this.node.name}"`
      : `${this.node.type} (makes "${this.node.outputs[0]}")`;
  }

  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  /** Shape of input `index`. */
  shape(index: number): Shape {
    const shape = this.#shapes.get(this.node.inputs[index] ?? '');
    if (!shape) throw this.refuse(`the shape of its input ${index} is not known`);
    return shape;
  }

  /** Shape of the first output; only after inference. */
  get outputShape(): Shape {
    const shape = this.#shapes.get(this.node.outputs[0]!);
    if (!shape) throw this.refuse('the shape of its output is not known');
    return shape;
  }

  /** Size of input `index` along `axis`, which must be known. */
  size(index: number, axis: number): number {
    const dim = this.shape(index)[axis];
    if (typeof dim !== 'number') throw this.refuse(`its input ${index} has no fixed size along axis ${axis}`);
    return dim;
  }

  constant(index: number): OnnxTensor | undefined {
    return this.#constants.get(this.node.inputs[index] ?? '');
  }

  /** Whole numbers of a constant input; undefined when the input is not given. */
  integers(index: number): number[] | undefined {
    if (!this.has(index)) return undefined;
    const constant = this.constant(index);
    if (!constant) throw this.refuse(`its input ${index} is computed while the model runs`);
    return Array.from(constant.data, Number);
  }

  /** Value of a constant scalar input; undefined when the input is not given. */
  number(index: number): number | undefined {
    return this.integers(index)?.[0];
  }

  int(name: string, fallback: number): number {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'int' ? attribute.value : fallback;
  }

  float(name: string, fallback: number): number {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'float' ? attribute.value : fallback;
  }

  ints(name: string): readonly number[] | undefined {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'ints' ? attribute.value : undefined;
  }

  string(name: string, fallback: string): string {
    const attribute = this.node.attributes[name];
    return attribute?.kind === 'string' ? attribute.value : fallback;
  }

  /** The error for a form of this operator that SaFace does not handle. */
  refuse(why: string): SafaceError {
    return new SafaceError(
      'unsupported',
      `SaFace cannot handle ${this.label}: ${why}`,
      'Export the model without it, or cut the model after it.',
    );
  }
}

/** What a gradient rule works with: it writes nodes to `graph` that turn dLoss/dOutput into dLoss/dInput. */
export class GradientContext extends OperatorView {
  readonly graph: GraphBuilder;
  /** Name of dLoss/dOutput, of `outputShape`. */
  readonly dy: string;
  readonly #wanted: (name: string) => boolean;

  constructor(
    view: { node: OnnxNode; shapes: ReadonlyMap<string, Shape>; constants: ReadonlyMap<string, OnnxTensor> },
    target: { graph: GraphBuilder; dy: string; wanted: (name: string) => boolean },
  ) {
    super(view.node, view.shapes, view.constants);
    this.graph = target.graph;
    this.dy = target.dy;
    this.#wanted = target.wanted;
  }

  /** Whether the gradient of input `index` is of use to anyone. */
  wants(index: number): boolean {
    return this.has(index) && this.#wanted(this.node.inputs[index]!);
  }

  input(index: number): string {
    return this.node.inputs[index]!;
  }

  get output(): string {
    return this.node.outputs[0]!;
  }
}

/** Names of the input gradients, by input; undefined where none was wanted. */
export type Gradients = readonly (string | undefined)[];

export interface OperatorRule {
  /** Inputs that are weights when they are float32 constants; the rest of the constants stay as they are. */
  readonly trainable?: readonly number[];
  /** Shapes of the outputs. */
  infer(view: OperatorView): readonly Shape[];
  /** Floating-point operations for one sample; default: one per output value. */
  flops?(view: OperatorView): number;
  /** Absent: this operator cannot be trained through. */
  gradient?(context: GradientContext): Gradients;
}
