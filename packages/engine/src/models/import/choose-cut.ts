import { SafaceError } from '@saface/core';
import { type Cut, countFlops, cutModel, legalCuts, noCut } from '../../onnx/cut.ts';
import { encodeModel, type OnnxModel } from '../../onnx/model.ts';
import { operatorRule } from '../../onnx/ops/index.ts';
import { openLearner } from '../../training/open-learner.ts';
import { buildTrainingGraph } from '../../training/training-graph.ts';

/** A legal cut, and whether what lies behind it can learn. */
export interface ImportedCut extends Cut {
  /** Share of the whole network's work that the learner does, 0..1. */
  readonly learnerShare: number;
  /** Why the learner behind this cut cannot be trained (its operator's name is in it); null when it can. */
  readonly obstacle: string | null;
}

/** What a cut should leave to learn. */
export interface WantedCut {
  /** Share of the whole network's work that the learner does, 0..1. */
  readonly share: number;
  /** Cuts whose share differs by less than this are equally good: then the one with fewer features to keep wins. */
  readonly step: number;
}

/** The paper freezes 12 of 20 layers (section 6.2); this is what the rest does, and what an edge can train beside recognition. */
const forAnEdge: WantedCut = { share: 0.4, step: 0.1 };

/** Every legal cut of a normalised recogniser, from input to output. */
export function describeCuts(model: OnnxModel): ImportedCut[] {
  const total = countFlops(model);
  const { nodes } = model.graph;
  // Without a rule, or in a form that its rule does not know.
  const unruled = new Set(model.graph.values.map(({ name }) => name));
  const last = nodes.findLast((node) => !operatorRule(node).gradient || node.outputs.some((name) => unruled.has(name)));
  const obstacleAt = last ? nodes.indexOf(last) : -1;
  return legalCuts(model).map((cut) => ({
    ...cut,
    learnerShare: cut.learner.flops / total,
    obstacle:
      nodes.findIndex((node) => node.outputs.includes(cut.tensor)) < obstacleAt
        ? `The operator "${last!.type}" behind it cannot be trained through`
        : null,
  }));
}

/**
 * The cut that leaves the learner about the wanted share of the work, by default 40 %. Each choice is differentiated to see that it can
 * be trained.
 * @returns the tensor, or the model's output ("no cut") with the reason when nothing behind any cut can learn
 */
export function chooseCut(
  model: OnnxModel,
  cuts: readonly ImportedCut[],
  metric: 'euclidean' | 'cosine',
  { share, step }: WantedCut = forAnEdge,
): { tensor: string; obstacle: string | null } {
  const badness = ({ learnerShare }: ImportedCut) => Math.floor(Math.abs(learnerShare - share) / step);
  const size = ({ shape }: ImportedCut) => shape.reduce((product, dim) => product * dim, 1);
  const ranked = [...cuts].sort(
    (a, b) =>
      badness(a) - badness(b) ||
      size(a) - size(b) ||
      Math.abs(a.learnerShare - share) - Math.abs(b.learnerShare - share),
  );
  let obstacle: string | null = null;
  for (const cut of ranked) {
    const found = cut.obstacle ?? whyNotTrained(model, cut.tensor, metric);
    if (found === null) return { tensor: cut.tensor, obstacle: null };
    obstacle ??= found;
  }
  return { tensor: noCut(model), obstacle: obstacle ?? 'Nothing with weights lies behind a place where it can be cut' };
}

/** Differentiates the learner behind a cut; what stands in the way, or null. */
export function whyNotTrained(model: OnnxModel, tensor: string, metric: 'euclidean' | 'cosine'): string | null {
  try {
    const learner = openLearner({ learner: encodeModel(cutModel(model, tensor).learner) });
    buildTrainingGraph(learner.model, learner.parameters, metric);
    return null;
  } catch (error) {
    if (error instanceof SafaceError && error.code !== 'internal') return error.message;
    throw error;
  }
}
