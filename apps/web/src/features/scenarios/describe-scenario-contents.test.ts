import { expect, it } from 'vitest';
import { describeScenarioContents } from './describe-scenario-contents.ts';

it.each([
  [{ learnt: 0, runs: 0, events: 0 }, null],
  [{ learnt: 0, runs: 0, events: 1 }, '1 event with its picture'],
  [{ learnt: 1, runs: 3, events: 0 }, '1 learnt version and 3 training runs'],
  [{ learnt: 2, runs: 3, events: 4321 }, '2 learnt versions, 3 training runs and 4,321 events with their pictures'],
])('%j', (contents, words) => {
  expect(describeScenarioContents(contents)).toBe(words);
});
