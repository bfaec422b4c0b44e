import { SafaceError } from '@saface/core';
import type { RecogniserImport, TemplateName } from '@saface/engine';
import { templateNames } from '@saface/engine';

/** What `saface models import` was given, as text. */
export interface ImportFlags {
  readonly name?: string;
  readonly mean?: string;
  readonly scale?: string;
  readonly channels?: string;
  readonly template?: string;
  readonly metric?: string;
  readonly cut?: string;
  readonly threshold?: string;
  readonly size?: string;
}

/** @throws SafaceError 'invalid-input' that names the flag */
export function recogniserFlags(flags: ImportFlags): Omit<RecogniserImport, 'name' | 'faces' | 'external' | 'threads'> {
  return {
    mean: triple('mean', flags.mean),
    scale: triple('scale', flags.scale),
    channels: choice('channels', flags.channels, ['rgb', 'bgr'] as const),
    template: choice<TemplateName>('template', flags.template, templateNames),
    metric: choice('metric', flags.metric, ['cosine', 'euclidean'] as const),
    cut: flags.cut,
    threshold: positive('threshold', flags.threshold),
    size: positive('size', flags.size),
  };
}

/** A name for the model that its file suggests: "foamliu_MobileFaceNet.onnx" is "foamliu_mobilefacenet". */
export function nameOfFile(file: string): string {
  return file
    .toLowerCase()
    .replace(/\.onnx$/, '')
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
}

/** One number for all channels, or three of them separated by commas. */
function triple(flag: string, text: string | undefined): [number, number, number] | undefined {
  if (text === undefined) return undefined;
  const numbers = text.split(',').map(Number);
  const [a, b = a, c = a] = numbers;
  if ((numbers.length !== 1 && numbers.length !== 3) || !numbers.every(Number.isFinite)) {
    throw new SafaceError(
      'invalid-input',
      `--${flag} ${text} is not one number or three`,
      `Give for example --${flag} 127.5 or --${flag} 123.7,116.3,103.5.`,
    );
  }
  return [a, b, c];
}

function choice<T extends string>(flag: string, text: string | undefined, known: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((name) => name === text);
  if (found) return found;
  throw new SafaceError('invalid-input', `--${flag} ${text} is not known`, `Use one of: ${known.join(', ')}.`);
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new SafaceError('invalid-input', `--${flag} ${text} is not a positive number`, 'Give a number above 0.');
}
