import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph-builder.ts';
import { inferShapes } from '../infer.ts';
import { type Case, checkGradient } from '../testing/check-gradient.ts';
import { operatorRules } from './index.ts';

const int64 = (...values: number[]) => ({ data: BigInt64Array.from(values, BigInt) });
const scalar = (value: number) => ({ data: Float32Array.of(value), dims: [] });
const floats = (...values: number[]) => ({ data: Float32Array.from(values) });
const image = [2, 4, 7, 6];

const cases: readonly Case[] = [
  { op: 'Conv', operands: [image, [3, 4, 3, 3], [3]], attributes: { kernel_shape: [3, 3], pads: [1, 1, 1, 1] } },
  { op: 'Conv', operands: [image, [3, 4, 3, 3]], attributes: { kernel_shape: [3, 3], strides: [2, 2] } },
  {
    op: 'Conv',
    operands: [image, [3, 4, 3, 3]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  { op: 'Conv', operands: [image, [5, 4, 1, 1], [5]], attributes: { kernel_shape: [1, 1] } },
  { op: 'Conv', operands: [image, [5, 4, 1, 1]], attributes: { kernel_shape: [1, 1], strides: [2, 2] } },
  {
    op: 'Conv',
    operands: [image, [6, 2, 3, 3], [6]],
    attributes: { kernel_shape: [3, 3], group: 2, pads: [1, 1, 1, 1] },
  },
  {
    op: 'Conv',
    operands: [image, [4, 1, 3, 3], [4]],
    attributes: { kernel_shape: [3, 3], group: 4, pads: [1, 1, 1, 1] },
  },
  {
    op: 'Conv',
    operands: [image, [4, 1, 3, 3]],
    attributes: { kernel_shape: [3, 3], group: 4, strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  { op: 'Conv', operands: [image, [4, 1, 7, 6]], attributes: { kernel_shape: [7, 6], group: 4 } },
  { op: 'Conv', operands: [image, [8, 1, 3, 3]], attributes: { kernel_shape: [3, 3], group: 4 } },
  {
    op: 'Conv',
    operands: [image, [3, 4, 3, 2]],
    attributes: { kernel_shape: [3, 2], dilations: [2, 2], pads: [2, 0, 1, 1] },
  },
  { op: 'Conv', operands: [image, [3, 4, 2, 2]], attributes: { kernel_shape: [2, 2], pads: [3, 3, 3, 3] } },
  {
    op: 'Conv',
    operands: [image, [3, 4, 3, 3]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  { op: 'Relu', operands: [image] },
  { op: 'LeakyRelu', operands: [image], attributes: { alpha: 0.3 } },
  { op: 'PRelu', operands: [image, [4, 1, 1]] },
  { op: 'PRelu', operands: [[3, 5], [5]] },
  { op: 'Clip', operands: [image, scalar(-0.4), scalar(0.5)] },
  { op: 'Clip', operands: [image, null, scalar(0.5)] },
  { op: 'Clip', operands: [image, scalar(0)] },
  { op: 'Sigmoid', operands: [image] },
  { op: 'Erf', operands: [image] },
  { op: 'Exp', operands: [image] },
  { op: 'Sqrt', operands: [image], offset: 2 },
  { op: 'Tanh', operands: [image] },
  { op: 'LayerNormalization', operands: [[2, 3, 8], [8], [8]] },
  {
    op: 'LayerNormalization',
    operands: [
      [3, 4, 2],
      [4, 2],
    ],
    attributes: { axis: 1 },
  },
  { op: 'HardSwish', operands: [[2, 30]], offset: 2.5 },
  { op: 'HardSwish', operands: [[2, 30]], offset: -2.5 },
  { op: 'Add', operands: [image, [4, 1, 1]] },
  { op: 'Add', operands: [image, image], batched: [0, 1] },
  { op: 'Sub', operands: [image, [1, 4, 1, 6]] },
  {
    op: 'Sub',
    operands: [
      [2, 5],
      [2, 1],
    ],
    batched: [0, 1],
  },
  { op: 'Mul', operands: [image, [6]] },
  { op: 'Mul', operands: [image, image], batched: [0, 1] },
  { op: 'Div', operands: [image, [4, 1, 1]], offset: 3 },
  { op: 'Gemm', operands: [[3, 4], [4, 5], [5]] },
  {
    op: 'Gemm',
    operands: [
      [3, 4],
      [5, 4],
      [3, 1],
    ],
    attributes: { transB: 1, alpha: 0.5, beta: 2 },
  },
  {
    op: 'MatMul',
    operands: [
      [3, 4],
      [4, 5],
    ],
  },
  {
    op: 'MatMul',
    operands: [
      [2, 3, 4],
      [4, 5],
    ],
  },
  {
    op: 'MatMul',
    operands: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    batched: [0, 1],
  },
  {
    op: 'MatMul',
    operands: [
      [2, 2, 3, 4],
      [2, 4, 5],
    ],
  },
  { op: 'Flatten', operands: [image] },
  { op: 'Reshape', operands: [image, int64(-1, 168)] },
  { op: 'Reshape', operands: [image, int64(0, 2, -1, 3)] },
  { op: 'Squeeze', operands: [[2, 3, 1, 1], int64(2, 3)] },
  { op: 'Unsqueeze', operands: [[2, 3], int64(2, 3)] },
  { op: 'Transpose', operands: [image], attributes: { perm: [0, 2, 3, 1] } },
  { op: 'Concat', operands: [image, [2, 1, 7, 6], [2, 3, 7, 6]], attributes: { axis: 1 } },
  { op: 'Slice', operands: [image, int64(1, 2), int64(3, 6), int64(1, 2)] },
  { op: 'Slice', operands: [image, int64(-3, 0), int64(1000, 5), int64(2, 3), int64(1, 2)] },
  { op: 'Slice', operands: [image, int64(1), int64(7), int64(2), int64(3)] },
  { op: 'Pad', operands: [image, int64(0, 1, 0, 2, 0, 0, 3, 1)] },
  { op: 'Pad', operands: [image, int64(0, 0, -1, 2, 0, 0, 1, -1)] },
  { op: 'AveragePool', operands: [image], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { op: 'AveragePool', operands: [image], attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } },
  {
    op: 'AveragePool',
    operands: [image],
    attributes: { kernel_shape: [3, 2], strides: [1, 2], pads: [1, 0, 1, 0], count_include_pad: 1 },
  },
  { op: 'MaxPool', operands: [image], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
  { op: 'MaxPool', operands: [image], attributes: { kernel_shape: [3, 3], strides: [1, 2], pads: [1, 1, 1, 1] } },
  { op: 'GlobalAveragePool', operands: [image] },
  { op: 'ReduceMean', operands: [image], attributes: { axes: [2, 3], keepdims: 0 } },
  { op: 'ReduceMean', operands: [image], attributes: { axes: [-1] } },
  { op: 'ReduceSum', operands: [image, int64(1, 3)], attributes: { keepdims: 0 } },
  { op: 'ReduceL2', operands: [[3, 5]], attributes: { axes: [1], keepdims: 1 } },
  { op: 'ReduceL2', operands: [[3, 5]], attributes: { axes: [1], keepdims: 0 } },
  {
    op: 'BatchNormalization',
    operands: [image, floats(1, 2, -1, 0.5), floats(0, 1, 2, 3), floats(0.1, 0.2, 0.3, 0.4), floats(1, 0.5, 2, 3)],
    attributes: { epsilon: 0.001 },
  },
  { op: 'BatchNormalization', operands: [[3, 2], floats(1, 2), floats(0, 1), floats(0.1, 0.2), floats(1, 0.5)] },
  { op: 'Identity', operands: [image] },
  { op: 'Dropout', operands: [image] },
  { op: 'Expand', operands: [[2, 1, 3], int64(1, 4, 3)] },
  { op: 'LpNormalization', operands: [[3, 6]], attributes: { axis: 1, p: 2 } },
  { op: 'LpNormalization', operands: [image], attributes: { axis: 1, p: 2 } },
  { op: 'Softmax', operands: [[3, 6]], attributes: { axis: -1 } },
];

describe('every operator against a float64 reference and its central differences', () => {
  it.each(
    cases.map((one) => ({
      name: `${one.op} ${JSON.stringify({ ...one.attributes, operands: one.operands.filter(Array.isArray) })}`,
      one,
    })),
  )('$name', ({ one }) => checkGradient(one));

  it('leaves no operator with a gradient out', () => {
    const checked = new Set(cases.map(({ op }) => op));
    expect(Object.keys(operatorRules).filter((op) => operatorRules[op]?.gradient && !checked.has(op))).toEqual([]);
  });
});

describe('over random shapes', () => {
  const side = fc.integer({ min: 3, max: 6 });
  const few = fc.integer({ min: 1, max: 3 });
  const small = fc.integer({ min: 0, max: 2 });

  it('differentiates convolutions of any geometry', async () => {
    const geometry = fc.record({
      batch: few,
      own: few,
      filters: few,
      groups: few,
      height: side,
      width: side,
      kernel: fc.tuple(few, few),
      strides: fc.tuple(few, few),
      dilations: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
      pads: fc.tuple(small, small, small, small),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(
        geometry,
        async ({ batch, own, filters, groups, height, width, kernel, strides, dilations, pads, seed }) => {
          fc.pre(
            height + pads[0] + pads[2] > dilations[0] * (kernel[0] - 1) &&
              width + pads[1] + pads[3] > dilations[1] * (kernel[1] - 1),
          );
          const operands = [
            [batch, own * groups, height, width],
            [filters * groups, own, ...kernel],
            [filters * groups],
          ];
          await checkGradient({
            op: 'Conv',
            operands,
            attributes: { kernel_shape: kernel, strides, dilations, pads, group: groups },
            seed,
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('differentiates pooling of any geometry', async () => {
    const geometry = fc.record({
      op: fc.constantFrom('AveragePool', 'MaxPool'),
      batch: few,
      channels: few,
      height: side,
      width: side,
      kernel: fc.tuple(few, few),
      strides: fc.tuple(few, few),
      padded: fc.boolean(),
      count: fc.integer({ min: 0, max: 1 }),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(
        geometry,
        async ({ op, batch, channels, height, width, kernel, strides, padded, count, seed }) => {
          const pads = padded ? [kernel[0] - 1, kernel[1] - 1, 0, kernel[1] - 1] : [0, 0, 0, 0];
          const attributes = {
            kernel_shape: kernel,
            strides,
            pads,
            ...(op === 'AveragePool' ? { count_include_pad: count } : {}),
          };
          await checkGradient({ op, operands: [[batch, channels, height, width]], attributes, seed });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('undoes broadcasting of any two shapes', async () => {
    const shape = fc.record({
      op: fc.constantFrom('Add', 'Sub', 'Mul', 'Div'),
      dims: fc.array(few, { minLength: 1, maxLength: 4 }),
      ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      drop: small,
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ op, dims, ones, drop, seed }) => {
        const other = dims.map((dim, axis) => (ones[axis] ? 1 : dim)).slice(Math.min(drop, dims.length - 1));
        await checkGradient({ op, operands: [dims, other], seed, offset: 3, batched: [] });
        await checkGradient({ op, operands: [other, dims], seed, offset: 3, batched: [] });
      }),
      { numRuns: 40 },
    );
  });

  it('puts the gradient of any slice back where it was taken', async () => {
    const cut = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      start: fc.integer({ min: -9, max: 8 }),
      length: fc.integer({ min: 1, max: 12 }),
      step: few,
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(cut, async ({ size, start, length, step, seed }) => {
        const first = start < 0 ? Math.max(0, start + size) : start;
        fc.pre(first < size);
        await checkGradient({
          op: 'Slice',
          operands: [[2, size, 2], int64(start), int64(first + length), int64(1), int64(step)],
          seed,
        });
      }),
      { numRuns: 40 },
    );
  });
});

it('names an operator without a rule, and says which have one', () => {
  const graph = new GraphBuilder();
  graph.output(graph.op('LSTM', [graph.input('x', ['N', 2])]));
  expect(() => inferShapes(graph.build().graph)).toThrow(/operator "LSTM"/);
});
