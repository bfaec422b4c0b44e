import { createRouter } from '../trpc.ts';
import { getEventProcedure } from './get-event.ts';
import { listEventsProcedure } from './list-events.ts';
import { reviewEventProcedure } from './review-event.ts';

export const eventsRouter = createRouter({
  list: listEventsProcedure,
  get: getEventProcedure,
  review: reviewEventProcedure,
});
