import type { Box, Point } from './geometry.ts';
import type { Frame, RgbImage } from './image.ts';
import type { ConditionCentring, Evening } from './learning/condition-centring.ts';
import type { EmbeddingMap } from './learning/whitening.ts';

/** A face, or another subject of a recogniser such as a whole person, found by FD in one frame. */
export interface DetectedFace {
  readonly box: Box;
  /** Detector confidence, 0..1. */
  readonly score: number;
  /** Five points in frame pixels where the detector finds them itself; then no landmark net is asked. */
  readonly landmarks?: readonly Point[];
}

/** A detected face with its landmarks in frame pixels; none where the recogniser takes the box as it is. */
export interface LandmarkedFace extends DetectedFace {
  readonly landmarks: readonly Point[];
  /** True when no landmarks could be found and these are where a mean face would have them. */
  readonly guessed?: boolean;
}

/** FD of the paper (section 2). Implementations keep no state between calls, unless they say so: those serve one camera. */
export interface FaceDetector {
  readonly name: string;
  detect(image: RgbImage): Promise<DetectedFace[]>;
}

/** Finds the landmarks of faces that FD found; all faces of one picture in one call. */
export interface FaceLandmarker {
  readonly name: string;
  landmark(image: RgbImage, faces: readonly DetectedFace[]): Promise<LandmarkedFace[]>;
}

/**
 * Crops of faces: `template` names five points (right eye, left eye, nose, mouth right, mouth left, as seen in the picture
 * from left to right) in crop pixels; a similarity transform carries the found landmarks onto them.
 */
export interface TemplateAlignment {
  readonly size: number;
  readonly template: readonly Point[];
}

/** Crops of anything else, as of whole people: the detector's box fills the square, whatever its proportions. No landmarks. */
export interface BoxAlignment {
  readonly size: number;
  readonly crop: 'box';
}

/** How a recogniser wants its subjects cut out: always a square of `size` pixels. */
export type AlignmentSpec = TemplateAlignment | BoxAlignment;

/** Whether the recogniser looks at landmarks at all. */
export function usesLandmarks(alignment: AlignmentSpec): alignment is TemplateAlignment {
  return 'template' in alignment;
}

/** What the recogniser does to the pixels of an aligned crop before the first layer: (value - mean) * scale, per channel. */
export interface InputSpec {
  readonly size: number;
  readonly channels: 'rgb' | 'bgr';
  readonly mean: readonly [number, number, number];
  readonly scale: readonly [number, number, number];
}

/** Scenario-shared extractor (section 4.2.2): frozen, one per base model on an edge. */
export interface Extractor {
  readonly input: InputSpec;
  /** Shape of one sample's features at the cut, without the batch axis. */
  readonly featureShape: readonly number[];
  /** Float32 of `crops.length * product(featureShape)`, sample after sample. Crops are `input.size` square. */
  extract(crops: readonly RgbImage[]): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Scenario-aware learner as it serves: features at the cut in, embeddings out. */
export interface Learner {
  readonly featureShape: readonly number[];
  /** Length of one embedding. */
  readonly dimension: number;
  /** Float32 of `n * dimension`; NOT normalised by this call, see `RecogniserSpec.metric`. */
  embed(features: Float32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface TrainingHyperParameters {
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Pull towards the base model's weights (L2-SP), 0 = off. */
  readonly basePull: number;
  /** Triplet margin in squared Euclidean distance of the embeddings. */
  readonly margin: number;
}

export interface TrainingStepResult {
  /** Mean triplet loss over this call's triplets. */
  readonly loss: number;
  /** Triplets with a positive loss, 0..B. */
  readonly active: number;
}

export interface Approach {
  /** Mean over the samples of the squared distance from their targets. */
  readonly loss: number;
  /** d(loss)/d(weight), by name, of all weights that training changes. */
  readonly gradient: ReadonlyMap<string, Float32Array>;
}

/**
 * The learner while it trains (section 4.2.2): triplet loss, SGD with momentum.
 * Gradients add up over calls until one has `apply: true`; so a training batch can be spread over several scheduling
 * intervals, each with the B_t that Eq. 2 allows, without changing what is learnt.
 */
export interface Trainer {
  readonly featureShape: readonly number[];
  /** `features` holds 3B samples: B anchors, then B positives, then B negatives. @throws TrainingDivergedError */
  step(
    features: Float32Array,
    options: TrainingHyperParameters & { readonly apply: boolean },
  ): Promise<TrainingStepResult>;
  /**
   * How the weights would bring embeddings (scaled to length 1 under a metric of angles) nearer to given places; changes nothing.
   * @param features N samples
   * @param targets N x D, row after row
   * @throws TrainingDivergedError
   */
  approach(features: Float32Array, targets: Float32Array): Promise<Approach>;
  /** Embeddings under the current weights, like `Learner.embed`. */
  embed(features: Float32Array): Promise<Float32Array>;
  /** Current weights by name, copied. */
  weights(): Promise<ReadonlyMap<string, Float32Array>>;
  /** Replaces the weights (for EMA, early stopping, resume); momenta are kept. */
  load(weights: ReadonlyMap<string, Float32Array>): Promise<void>;
  /** Momenta are 0 again, as before the first update: what comes next is another training. */
  rest(): Promise<void>;
  /**
   * Weights under which every embedding e becomes e M + b (e M of length 1 where the learner makes all so): the current ones with
   * another last layer; the trainer keeps its own. Null where the learner does not end in a linear layer, or `map` has an offset and
   * that layer none to add it to.
   */
  projected(map: EmbeddingMap): Promise<ReadonlyMap<string, Float32Array> | null>;
  /**
   * Weights under which embeddings are centred by the conditions that the face was seen under: the current ones with another branch
   * beside the learner, or (null) with none; the trainer keeps its own. Null where the learner has no such branch.
   */
  centred(centring: ConditionCentring | null): Promise<ReadonlyMap<string, Float32Array> | null>;
  /** How lengths of embeddings are evened under the current weights; null = not. What `projected` maps is what they were before. */
  evening(): Promise<Evening | null>;
  /** The learner with the current weights as an ONNX file, ready to serve. */
  export(): Promise<Uint8Array>;
  dispose(): Promise<void>;
}

/** Anything that yields frames: file, RTSP, HTTP, device, simulator. Ends when the source ends; throws SafaceError on bad input. */
export interface FrameSource {
  readonly name: string;
  frames(signal: AbortSignal): AsyncIterable<Frame>;
}
