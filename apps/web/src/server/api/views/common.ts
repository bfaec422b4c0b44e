import { idSchema, textSchema } from '@saface/core';
import { z } from 'zod';

export const refView = z.object({ id: z.string(), name: z.string() });
export const versionRefView = z.object({ id: z.string(), label: z.string() });
export const idView = z.object({ id: z.string() });
/** Nothing or an empty object. */
export const noInput = z.object({}).optional();
export const byId = z.object({ id: idSchema });
export const nameInput = textSchema.trim().min(1, 'a name is needed').max(100, 'a name has at most 100 characters');
export const reasonInput = textSchema
  .trim()
  .min(3, 'say why, in a few words')
  .max(500, 'a reason has at most 500 characters');
export const pageInput = z.object({
  cursor: z.string().max(200).nullish(),
  limit: z.number().int().min(1).max(200).default(50),
});
export const time = z.number();
export const maybeTime = z.number().nullable();
