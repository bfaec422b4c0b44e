import type { OperatorRule } from './operator.ts';

/** x. */
export const identity: OperatorRule = {
  infer: (view) => [view.shape(0)],
  flops: () => 0,
  gradient: ({ dy }) => [dy],
};
