import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';

function frame(message: Uint8Array): number[] {
  const head = new Uint8Array(4);
  new DataView(head.buffer).setUint32(0, message.length, true);
  return [...head, ...message];
}

describe('FrameSplitter', () => {
  it('gives back the messages, without the empty ones, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 60 }),
        (messages, cuts) => {
          const body = Uint8Array.from(messages.flatMap(frame));
          const splitter = new FrameSplitter();
          const found: number[][] = [];
          for (let at = 0, i = 0; at < body.length; i += 1) {
            const size = cuts[i % cuts.length];
            found.push(...splitter.push(body.subarray(at, at + size)).map((m) => [...m]));
            at += size;
          }
          expect(found).toEqual(messages.filter((m) => m.length > 0).map((m) => [...m]));
        },
      ),
    );
  });

  it('refuses a length that no picture has', () => {
    expect(() => new FrameSplitter().push(Uint8Array.of(255, 255, 255, 255))).toThrow(/4294967295 bytes/);
  });
});
