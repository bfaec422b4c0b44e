import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listIdentities } from '../../services/identities.ts';
import { withPermission } from '../trpc.ts';
import { identityRowView, pageInput } from '../views.ts';

export const listIdentitiesInput = pageInput.extend({
  search: z.string().max(100).optional(),
  galleryId: idSchema.optional(),
});
export const listIdentitiesOutput = z.object({
  items: z.array(identityRowView),
  nextCursor: z.string().nullable(),
  total: z.number(),
});

export const listIdentitiesProcedure = withPermission('site.read')
  .input(listIdentitiesInput)
  .output(listIdentitiesOutput)
  .query(({ ctx, input }) => listIdentities(ctx, input));
