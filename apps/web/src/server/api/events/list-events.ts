import { z } from 'zod';
import { listEvents } from '../../services/events.ts';
import { withPermission } from '../trpc.ts';
import { eventView, pageInput } from '../views.ts';
import { eventFilter } from './event-filter.ts';

export const listEventsInput = pageInput.extend(eventFilter.shape);
export const listEventsOutput = z.object({ items: z.array(eventView), nextCursor: z.string().nullable() });

export const listEventsProcedure = withPermission('site.read')
  .input(listEventsInput)
  .output(listEventsOutput)
  .query(({ ctx, input }) => listEvents(ctx, input));
