import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cameraReportedSchema, edgeReportedSchema } from './agents/contract.ts';
import { shownTextSchema, textSchema } from './bounds.ts';
import { decodeMessage, encodeMessage } from './wire.ts';

/** Any sequence of code units, with halves of characters and NUL more often than chance would have them. */
const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0xd800, 0xdbff, 0xdc00, 0xdfff)), {
    maxLength: 40,
  })
  .map((units) => String.fromCharCode(...units));
const halves = /\p{Surrogate}/u;
/** As PostgreSQL takes it: characters that are whole, and no NUL. */
const isStorable = (text: string) => !halves.test(text) && !text.includes('\0');

describe('texts from outside', () => {
  it('are refused for a NUL, and otherwise made of whole characters', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { success, data } = textSchema.max(40).safeParse(text);
        expect(success).toBe(!text.includes('\0'));
        if (!success) return;
        expect(isStorable(data)).toBe(true);
        expect(data).toHaveLength(text.length);
        if (!halves.test(text)) expect(data).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('that are only shown are always taken: cut, never within a character, and the same when read again', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, most) => {
        const schema = shownTextSchema(most);
        const shown = schema.parse(text);
        expect(isStorable(shown)).toBe(true);
        expect(shown.length).toBeLessThanOrEqual(most);
        expect(schema.parse(shown)).toBe(shown);
        if (isStorable(text) && text.length <= most) expect(shown).toBe(text);
      }),
      { numRuns: 1000 },
    );
    expect(shownTextSchema(4).parse('ab😀cd')).toBe('ab…');
    expect(shownTextSchema(5).parse('ab😀cd')).toBe('ab😀…');
  });

  it('come storable from a camera, and in what edges and cameras report of themselves', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const problem = { cameraId: 'c', state: 'failed', error: text };
        const edge = { revision: null, clock: 1, ingestUrl: text.replaceAll('\0', ''), serving: [], measured: null };
        const reported = edgeReportedSchema.parse({ ...edge, cameras: [problem], problems: [text], outboxDepth: 0 });
        const { cameras, problems, ingestUrl } = reported;
        const { error } = cameraReportedSchema.parse({ revision: null, clock: 1, state: 'failed', error: text });
        expect([cameras[0].error ?? '', problems[0], ingestUrl, error ?? ''].every(isStorable)).toBe(true);
      }),
    );
    const { header } = decodeMessage(encodeMessage({ type: 'source-state', state: 'failed', error: 'no \ud800' }));
    expect(header).toMatchObject({ error: 'no \ufffd' });
  });
});
