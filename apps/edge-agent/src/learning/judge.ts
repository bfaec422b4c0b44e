import {
  type BudgetThreshold,
  judgeShadow,
  judgeWatch,
  type ShadowInput,
  type ShadowVerdict,
  type WatchInput,
  type WatchVerdict,
} from '@saface/core';
import { type BudgetInput, budgetThreshold } from './budget-threshold.ts';

/** What is to be judged; plain data, so that another process can do it. */
export type JudgeOrder =
  | { readonly kind: 'shadow'; readonly input: ShadowInput }
  | { readonly kind: 'watch'; readonly input: WatchInput }
  | { readonly kind: 'threshold'; readonly input: BudgetInput };

export interface JudgeAnswers {
  readonly shadow: ShadowVerdict;
  readonly watch: WatchVerdict;
  readonly threshold: BudgetThreshold | null;
}

export type Judge = <O extends JudgeOrder>(order: O) => Promise<JudgeAnswers[O['kind']]>;

/** Judges in this very process; resampling keeps it busy for seconds. */
export function judge(order: JudgeOrder): JudgeAnswers[JudgeOrder['kind']] {
  if (order.kind === 'shadow') return judgeShadow(order.input);
  return order.kind === 'watch' ? judgeWatch(order.input) : budgetThreshold(order.input);
}
