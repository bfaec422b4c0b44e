import { knownSize, reshape as reshapeTo } from '../shape.ts';
import type { OperatorRule } from './operator.ts';

/** Same values, other axes. In the constant shape 0 copies an axis of the input and -1 stands for what remains. */
export const reshape: OperatorRule = {
  infer(view) {
    const shape = view.shape(0);
    const keepZero = view.int('allowzero', 0) === 1;
    const target = view.integers(1)!.map((dim, axis) => (dim === 0 && !keepZero ? (shape[axis] ?? 0) : dim));
    const rest = target.indexOf(-1);
    const known = target.filter((dim) => dim !== -1);
    const [unknownIn] = shape.filter((dim) => typeof dim === 'string');
    const unknownOut = known.filter((dim) => typeof dim === 'string');
    if (rest < 0) {
      if (knownSize(target) !== knownSize(shape) || (unknownIn !== undefined) !== unknownOut.length > 0) {
        throw view.refuse(`it turns [${shape.join(', ')}] into [${target.join(', ')}]`);
      }
      return [target];
    }
    const remaining = knownSize(shape) / knownSize(known);
    const needsUnknown = unknownIn !== undefined && unknownOut.length === 0;
    if (!Number.isInteger(remaining) || (needsUnknown && remaining !== 1)) {
      throw view.refuse(`it turns [${shape.join(', ')}] into [${target.join(', ')}]`);
    }
    return [target.map((dim) => (dim === -1 ? (needsUnknown ? unknownIn : remaining) : dim))];
  },
  flops: () => 0,
  gradient: (context) => [reshapeTo(context.graph, context.dy, context.shape(0))],
};
