import { expect, it } from 'vitest';
import { readRetention } from '../../lib/retention.ts';
import { parseDraft, shortened, toDraft } from './retention-draft.ts';

const stored = readRetention({});
const usual = stored.policy;

it('is the same policy after it went through the form', () => {
  expect(parseDraft(toDraft(stored))).toEqual({ policy: usual, errors: null });
});

it.each(['', ' ', '0', '1.5', 'ever', '3651', '-3'])('refuses a period of "%s" days and says where', (text) => {
  const { policy, errors } = parseDraft({ ...toDraft(stored), logDays: text });
  expect(policy).toBeNull();
  expect(Object.keys(errors ?? {})).toEqual(['logDays']);
});

it('tells which periods get shorter', () => {
  expect(shortened(stored, { ...usual, cropDays: 7, eventDays: 365 })).toEqual(['cropDays']);
  expect(shortened(stored, { ...usual, retireVersions: false })).toEqual([]);
});

it('shows what is stored and cannot be used, with what is wrong with it, and asks before it is', () => {
  const byHand = readRetention({ logDays: 36_500, eventDays: '30', metricDays: 7 });
  expect(byHand).toEqual({ policy: { ...usual, metricDays: 7 }, unusable: { logDays: '36500', eventDays: '"30"' } });
  const draft = toDraft(byHand);
  expect(parseDraft(draft).errors).toEqual({
    logDays: '3650 days are the most.',
    eventDays: 'Enter a number of days.',
  });
  const mended = { ...byHand.policy, logDays: 3650, eventDays: 365 };
  expect(shortened(byHand, mended)).toEqual(['eventDays', 'logDays']);
});

it.each([null, undefined])('is as in a new installation where %s is stored', (value) => {
  expect(readRetention(value)).toEqual(stored);
});

it.each(['ever', 7, [1]])('goes by no period where %j is stored', (value) => {
  const { policy, unusable } = readRetention(value);
  expect(policy).toEqual(usual);
  expect(Object.keys(unusable)).toHaveLength(Object.keys(usual).length - 1);
});
