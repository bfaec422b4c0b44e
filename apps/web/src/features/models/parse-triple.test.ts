import { expect, it } from 'vitest';
import { parseTriple } from './parse-triple.ts';

it.each([
  ['127.5', [127.5, 127.5, 127.5]],
  ['1, 2, 3', [1, 2, 3]],
  ['0.5 0.4;0.3', [0.5, 0.4, 0.3]],
  ['', null],
  ['1, 2', null],
  ['1, x, 3', null],
])('%j is %j', (text, expected) => {
  expect(parseTriple(text)).toEqual(expected);
});
