import { broadcast } from '../shape.ts';
import type { OperatorRule, OperatorView } from './operator.ts';

/** ONNX's number for the element type float32, as Cast wants it. */
export const FLOAT = 1;

const joined = (view: OperatorView) => view.node.inputs.map((_, index) => view.shape(index)).reduce(broadcast);

/** Operators that compute each value from the values at its place, and that no learner is trained through. */
export const elementwise: OperatorRule = { infer: (view) => [joined(view)] };
