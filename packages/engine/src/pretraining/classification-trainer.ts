/** Settings of one step. */
export interface ClassificationStep {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Of the head: what the logits are multiplied by. */
  readonly scale: number;
  /** Of the head: see its file. */
  readonly margin: number;
  /** Longest gradient over all weights together; longer ones are shortened to it. */
  readonly clip: number;
}

export interface ClassificationResult {
  /** Mean cross-entropy of this batch before the step. */
  readonly loss: number;
  /** Samples whose own class had the largest cosine. */
  readonly correct: number;
}

/** Everything that training changes, by name: enough to go on as if nothing had happened. */
export interface ClassificationState {
  /** Weights and running statistics. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Momenta of the weights. */
  readonly velocities: ReadonlyMap<string, Float32Array>;
}

/**
 * A recogniser while it is trained to tell people apart: margin softmax, SGD with momentum, batch normalisation by batch
 * statistics. Two engines implement it, `createOrtClassifier` and `createTfjsClassifier`.
 */
export interface ClassificationTrainer {
  /** Shape of one picture: [3, S, S]. */
  readonly sampleShape: readonly number[];
  readonly classes: number;
  readonly dimension: number;
  /**
   * One step on as many pictures as there are labels.
   * @throws TrainingDivergedError when loss or weights stop being numbers; the state is then as before the step
   */
  step(images: Float32Array, labels: ArrayLike<number>, settings: ClassificationStep): Promise<ClassificationResult>;
  /** Embeddings as the exported model would give them, not normalised. */
  embed(images: Float32Array): Promise<Float32Array>;
  /** A copy. */
  state(): Promise<ClassificationState>;
  /** @throws SafaceError 'invalid-input' for the state of another network */
  load(state: ClassificationState): Promise<void>;
  /** The recogniser as it is now, as an ONNX file, without its class directions. */
  export(): Promise<Uint8Array>;
  dispose(): Promise<void>;
}
