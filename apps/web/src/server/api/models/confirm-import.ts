import { recogniserSpecSchema, textSchema } from '@saface/core';
import { z } from 'zod';
import { confirmImport } from '../../services/model-imports.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView, nameInput } from '../views.ts';

const { channels, mean, scale } = recogniserSpecSchema.shape.input.shape;
const words = textSchema.trim().max(300, 'at most 300 characters').nullable();

export const confirmImportInput = byId.extend({
  name: nameInput,
  licence: words,
  source: words,
  cut: textSchema.min(1).max(500),
  channels,
  mean,
  scale,
  threshold: z
    .number('the threshold must be a number')
    .positive('the threshold must be above 0')
    .max(100, 'the threshold must be at most 100'),
});

export const confirmImportProcedure = withPermission('policy.write')
  .input(confirmImportInput)
  .output(idView)
  .mutation(({ ctx, input }) => confirmImport(ctx, input));
