import { describeError } from '@saface/core';
import { type EnrolmentSpec, writePictures } from './enrolment.ts';

/** One process's share of an enrolment folder: every `of`-th person, beginning with number `share`. */
export interface EnrolmentOrder {
  readonly dir: string;
  readonly spec: EnrolmentSpec;
  readonly share: number;
  readonly of: number;
}
export type EnrolmentAnswer = { readonly error: string | null };

process.on('message', async (order: EnrolmentOrder) => {
  const error = await writePictures(order.dir, order.spec, order).then(() => null, describeError);
  process.send?.({ error } satisfies EnrolmentAnswer);
});
// The parent is gone, or has its answer.
process.on('disconnect', () => process.exit(0));
