import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cameraConfigSchema, edgeConfigSchema, recogniserSpecSchema } from './agents/config.ts';
import { decodeLiveFrame } from './agents/live.ts';
import { outboxItemSchema } from './agents/report.ts';
import { SafaceError } from './errors.ts';
import { packMessage, unpackMessage } from './framing.ts';
import { cameraMessageSchema, decodeMessage, encodeMessage } from './wire.ts';

/** What a reader may do with bytes of a stranger: understand them, or refuse them as `invalid-input`. Nothing else. */
function readOrRefuse<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(SafaceError);
    expect((error as SafaceError).code).toBe('invalid-input');
    expect((error as SafaceError).message.length).toBeLessThan(20_000);
    return null;
  }
}

const box = fc.record({
  x: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
  y: fc.double({ min: -1e4, max: 1e4, noNaN: true }),
  width: fc.double({ min: 0.1, max: 1e4, noNaN: true }),
  height: fc.double({ min: 0.1, max: 1e4, noNaN: true }),
});
const share = fc.double({ min: 0, max: 1, noNaN: true });
const point = fc.record({ x: fc.double({ noNaN: true, noDefaultInfinity: true }), y: share });
const count = fc.nat(1e6);

const frameMessage = fc
  .array(fc.record({ trackId: count, box, score: share, quality: share, landmarked: fc.boolean(), point }), {
    maxLength: 6,
  })
  .chain((probes) =>
    fc.record({
      header: fc.constant({
        type: 'frame' as const,
        sequence: 3,
        sessionId: 's',
        frameIndex: 9,
        time: 1e12,
        width: 640,
        height: 360,
        cropSize: 4,
        probes: probes.map(({ landmarked, point: at, ...probe }) => ({
          ...probe,
          landmarks: landmarked ? Array(5).fill(at) : [],
        })),
        endedTracks: [] as number[],
        counters: { framesRead: 1, framesDropped: 0, facesFound: probes.length, facesSent: probes.length },
      }),
      crops: fc.array(fc.uint8Array({ minLength: 0, maxLength: 48 }), {
        minLength: probes.length,
        maxLength: probes.length,
      }),
    }),
  );

describe('messages of a stranger', () => {
  it('are refused as such, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readOrRefuse(() => unpackMessage(bytes));
        readOrRefuse(() => decodeMessage(bytes));
        readOrRefuse(() => decodeLiveFrame(bytes));
      }),
      { numRuns: 400 },
    );
  });

  it('are refused for any header that is JSON but no header', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.uint8Array({ maxLength: 40 }), (header, tail) => {
        const json = new TextEncoder().encode(JSON.stringify(header));
        const bytes = new Uint8Array(4 + json.length + tail.length);
        new DataView(bytes.buffer).setUint32(0, json.length, true);
        bytes.set(json, 4);
        bytes.set(tail, 4 + json.length);
        readOrRefuse(() => decodeMessage(bytes));
      }),
      { numRuns: 400 },
    );
  });

  it('keep every byte of a well-formed frame, with landmarks and without', () => {
    fc.assert(
      fc.property(frameMessage, ({ header, crops }) => {
        const { header: read, blobs } = decodeMessage(encodeMessage(header, crops));
        expect(read).toEqual(JSON.parse(JSON.stringify({ ...header, blobs: crops.map(({ length }) => length) })));
        expect(blobs.map((blob) => [...blob])).toEqual(crops.map((crop) => [...crop]));
      }),
    );
  });

  it('stay within their bytes when some are changed, cut off or added', () => {
    const damage = fc.record({
      at: fc.nat(),
      value: fc.integer({ min: 0, max: 255 }),
      cut: fc.option(fc.nat(), { nil: undefined }),
      more: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(frameMessage, damage, ({ header, crops }, { at, value, cut, more }) => {
        const whole = encodeMessage(header, crops);
        const kept = whole.slice(0, cut === undefined ? whole.length : cut % (whole.length + 1));
        const bytes = new Uint8Array(kept.length + more.length);
        bytes.set(kept);
        bytes.set(more, kept.length);
        if (bytes.length > 0) bytes[at % bytes.length] = value;
        const read = readOrRefuse(() => decodeMessage(bytes));
        if (read === null) return;
        expect(cameraMessageSchema.safeParse(read.header).success).toBe(true);
        const total = read.blobs.reduce((sum, blob) => sum + blob.length, 0);
        expect(total).toBeLessThan(bytes.length);
        expect(read.header.blobs).toEqual(read.blobs.map(({ length }) => length));
      }),
      { numRuns: 400 },
    );
  });

  it('cannot ask for more than there is: lengths that are huge, negative, fractions or no numbers', () => {
    for (const length of [-1, 0.5, 1e9, 2 ** 53, '4', null, [1]]) {
      const bytes = packMessage({ type: 'frame' }, [new Uint8Array(4)]);
      const text = new TextDecoder()
        .decode(bytes.subarray(4, bytes.length - 4))
        .replace('[4]', `[${JSON.stringify(length)}]`);
      const json = new TextEncoder().encode(text);
      const forged = new Uint8Array(8 + json.length);
      new DataView(forged.buffer).setUint32(0, json.length, true);
      forged.set(json, 4);
      expect(readOrRefuse(() => unpackMessage(forged))).toBeNull();
    }
    const header = new Uint8Array(4);
    new DataView(header.buffer).setUint32(0, 2 ** 32 - 1, true);
    expect(readOrRefuse(() => unpackMessage(header))).toBeNull();
  });

  it('leave no trace on prototypes', () => {
    const header =
      '{"type":"hello","version":1,"cameraId":"c","sessionId":"s","clock":1,"blobs":[],"__proto__":{"admin":true}}';
    const json = new TextEncoder().encode(header);
    const bytes = new Uint8Array(4 + json.length);
    new DataView(bytes.buffer).setUint32(0, json.length, true);
    bytes.set(json, 4);
    const { header: read } = decodeMessage(bytes);
    expect('admin' in read).toBe(false);
    expect('admin' in {}).toBe(false);
  });
});

describe('configuration and reports of a stranger', () => {
  const schemas = { edgeConfigSchema, cameraConfigSchema, recogniserSpecSchema, outboxItemSchema };

  it('are accepted or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, maxDepth: 3 }), (value) => {
        for (const schema of Object.values(schemas)) expect(schema.safeParse(value).success).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('are read once and for all: what was accepted is accepted again, unchanged', () => {
    const alignment = fc.oneof(
      fc.record({ size: fc.integer({ min: 1, max: 512 }), crop: fc.constant('box' as const) }),
      fc.record({ size: fc.integer({ min: 1, max: 512 }), template: fc.array(point, { minLength: 5, maxLength: 5 }) }),
    );
    const three = fc.tuple(share, share, share);
    const spec = fc.record({
      name: fc.string({ minLength: 1 }),
      input: fc.record({
        size: fc.integer({ min: 1, max: 512 }),
        channels: fc.constantFrom('rgb', 'bgr'),
        mean: three,
        scale: three,
      }),
      alignment,
      dimension: fc.integer({ min: 1, max: 4096 }),
      metric: fc.constantFrom('euclidean', 'cosine'),
      defaultCut: fc.string({ minLength: 1 }),
      defaultThreshold: fc.double({ min: 0.01, max: 10, noNaN: true }),
    });
    fc.assert(
      fc.property(spec, (value) => {
        const read = recogniserSpecSchema.parse(value);
        expect(recogniserSpecSchema.parse(JSON.parse(JSON.stringify(read)))).toEqual(JSON.parse(JSON.stringify(read)));
      }),
    );
  });
});
