import { arcFace } from './arcface.ts';
import { cosFace } from './cosface.ts';
import type { MarginHead } from './head.ts';

export const headNames = ['cosface', 'arcface'] as const;
export type HeadName = (typeof headNames)[number];

/** Every classification head; the one table to extend. */
export const heads: Readonly<Record<HeadName, MarginHead>> = { cosface: cosFace, arcface: arcFace };

export type { MarginHead };
