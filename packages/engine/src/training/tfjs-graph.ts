import type { Tensor } from '@tensorflow/tfjs';
import { inferShapes } from '../onnx/infer.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { OperatorView } from '../onnx/ops/operator.ts';
import type { Shape } from '../onnx/shape.ts';
import { runTfOperator } from './tfjs-ops.ts';
import type { TfModule } from './tfjs-runtime.ts';

/** A normalised ONNX model computed by TensorFlow.js, operator by operator. Holds the model's constants as tensors. */
export class TfGraph {
  readonly #tf: TfModule;
  readonly #model: OnnxModel;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #constants: ReadonlyMap<string, Tensor>;

  /** @param parameters names of constants that `run` gets as tensors of their own */
  constructor(tf: TfModule, model: OnnxModel, parameters: ReadonlySet<string> = new Set()) {
    this.#tf = tf;
    this.#model = model;
    this.#shapes = inferShapes(model.graph);
    const tensors = [...model.graph.initializers.values()].flatMap(({ name, dims, data }) =>
      data instanceof Float32Array && !parameters.has(name)
        ? [[name, tf.tensor(data.slice(), [...dims])] as const]
        : [],
    );
    this.#constants = new Map(tensors);
  }

  /** Shape of the output, as far as it is known before a run. */
  get outputShape(): Shape | undefined {
    return this.#shapes.get(this.#model.graph.outputs[0]!.name);
  }

  /**
   * The model's output. Call it within `tf.tidy`: what is computed on the way is not freed here.
   * @param parameters given to train the model: only operators that can be differentiated are used then
   * @throws SafaceError 'unsupported' that names an operator TensorFlow.js lacks
   */
  run(input: Tensor, parameters?: ReadonlyMap<string, Tensor>): Tensor {
    const { graph } = this.#model;
    const values = new Map<string, Tensor>([...this.#constants, ...(parameters ?? [])]);
    values.set(graph.inputs[0]!.name, input);
    const context = { tf: this.#tf, training: parameters !== undefined };
    for (const node of graph.nodes) {
      const inputs = node.inputs.map((name) => values.get(name));
      const view = new OperatorView(node, this.#shapes, graph.initializers);
      values.set(node.outputs[0]!, runTfOperator(context, inputs, view));
    }
    return values.get(graph.outputs[0]!.name)!;
  }

  dispose(): void {
    for (const tensor of this.#constants.values()) tensor.dispose();
  }
}
