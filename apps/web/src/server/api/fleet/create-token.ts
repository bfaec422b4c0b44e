import { idSchema, textSchema } from '@saface/core';
import { z } from 'zod';
import { createToken } from '../../services/tokens.ts';
import { withPermission } from '../trpc.ts';

export const createTokenInput = z.object({
  kind: z.enum(['edge', 'camera']),
  targetId: idSchema,
  autoAccept: z.boolean(),
  hours: z
    .number()
    .min(0.1)
    .max(24 * 30),
  note: textSchema.max(200),
});
export const createTokenOutput = z.object({ id: z.string(), token: z.string(), expiresAt: z.number() });

export const createTokenProcedure = withPermission('fleet.write')
  .input(createTokenInput)
  .output(createTokenOutput)
  .mutation(({ ctx, input }) => createToken(ctx, input));
