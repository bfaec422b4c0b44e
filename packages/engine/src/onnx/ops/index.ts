import { SafaceError } from '@saface/core';
import type { OnnxNode } from '../model.ts';
import { add } from './add.ts';
import { averagePool } from './average-pool.ts';
import { batchNormalization } from './batch-normalization.ts';
import { clip } from './clip.ts';
import { concat } from './concat.ts';
import { conv } from './conv.ts';
import { convTranspose } from './conv-transpose.ts';
import { div } from './div.ts';
import { dropout } from './dropout.ts';
import { elementwise } from './elementwise.ts';
import { erf } from './erf.ts';
import { exp } from './exp.ts';
import { expand } from './expand.ts';
import { flatten } from './flatten.ts';
import { gemm } from './gemm.ts';
import { globalAveragePool } from './global-average-pool.ts';
import { hardSwish } from './hard-swish.ts';
import { identity } from './identity.ts';
import { layerNormalization } from './layer-normalization.ts';
import { leakyRelu } from './leaky-relu.ts';
import { lpNormalization } from './lp-normalization.ts';
import { matMul } from './mat-mul.ts';
import { maxPool } from './max-pool.ts';
import { mul } from './mul.ts';
import type { OperatorRule } from './operator.ts';
import { pad } from './pad.ts';
import { prelu } from './prelu.ts';
import { reduceL2 } from './reduce-l2.ts';
import { reduceMean } from './reduce-mean.ts';
import { reduceSum } from './reduce-sum.ts';
import { relu } from './relu.ts';
import { reshape } from './reshape.ts';
import { sigmoid } from './sigmoid.ts';
import { slice } from './slice.ts';
import { softmax } from './softmax.ts';
import { sqrt } from './sqrt.ts';
import { squeeze } from './squeeze.ts';
import { sub } from './sub.ts';
import { tanh } from './tanh.ts';
import { transpose } from './transpose.ts';
import { unsqueeze } from './unsqueeze.ts';

/** What SaFace knows about operators: the one place to add a new one. Names are ONNX's. Those without a gradient rule may only extract. */
export const operatorRules: Readonly<Record<string, OperatorRule>> = {
  Add: add,
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Cast: elementwise,
  Clip: clip,
  Concat: concat,
  And: elementwise,
  Conv: conv,
  ConvTranspose: convTranspose,
  Div: div,
  Dropout: dropout,
  Erf: erf,
  Exp: exp,
  Expand: expand,
  Flatten: flatten,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  Greater: elementwise,
  HardSwish: hardSwish,
  Identity: identity,
  LayerNormalization: layerNormalization,
  LeakyRelu: leakyRelu,
  Less: elementwise,
  LpNormalization: lpNormalization,
  MatMul: matMul,
  Max: elementwise,
  MaxPool: maxPool,
  Min: elementwise,
  Mul: mul,
  Neg: elementwise,
  PRelu: prelu,
  Pad: pad,
  ReduceL2: reduceL2,
  ReduceMean: reduceMean,
  ReduceSum: reduceSum,
  Relu: relu,
  Reshape: reshape,
  Sigmoid: sigmoid,
  Sign: elementwise,
  Slice: slice,
  Softmax: softmax,
  Sqrt: sqrt,
  Squeeze: squeeze,
  Sub: sub,
  Tanh: tanh,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: elementwise,
};

/** What is known of a node; of one without a rule, the shape that the file describes. That cannot be trained through. */
export function operatorRule(node: OnnxNode): OperatorRule {
  const known = node.domain === '' && Object.hasOwn(operatorRules, node.type) ? operatorRules[node.type] : undefined;
  return known ?? described;
}

const described: OperatorRule = {
  infer({ node }) {
    const name = node.domain === '' ? node.type : `${node.domain}.${node.type}`;
    throw new SafaceError(
      'unsupported',
      `The model uses the operator "${name}", for which SaFace has no rule`,
      `Export the model with: ${Object.keys(operatorRules).join(', ')}.`,
    );
  },
};
