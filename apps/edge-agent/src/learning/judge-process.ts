import { constants, setPriority } from 'node:os';
import { describeError } from '@saface/core';
import { type JudgeOrder, judge } from './judge.ts';

/** Entry of the judge: a process of its own, because resampling thousands of pairs takes seconds and recognition has priority. */
setPriority(constants.priority.PRIORITY_LOW);
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C in a terminal reaches every process; the edge decides when the judge ends.
process.on('SIGINT', () => undefined);

process.on('message', (message: { id: number; order: JudgeOrder }) => {
  const { id, order } = message;
  try {
    process.send?.({ id, answer: judge(order) });
  } catch (error) {
    process.send?.({ id, failure: describeError(error) });
  }
});
