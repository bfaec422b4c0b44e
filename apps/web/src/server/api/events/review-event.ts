import { idSchema } from '@saface/core';
import { z } from 'zod';
import { reviewEvent } from '../../services/events.ts';
import { withPermission } from '../trpc.ts';
import { byId, eventView } from '../views.ts';

export const reviewEventInput = byId.extend({
  verdict: z.enum(['confirm', 'reject', 'assign', 'clear']),
  identityId: idSchema.optional(),
});

export const reviewEventProcedure = withPermission('event.review')
  .input(reviewEventInput)
  .output(eventView)
  .mutation(({ ctx, input }) => reviewEvent(ctx, input));
