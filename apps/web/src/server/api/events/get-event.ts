import { getEvent } from '../../services/events.ts';
import { withPermission } from '../trpc.ts';
import { byId, eventView } from '../views.ts';

export const getEventProcedure = withPermission('site.read')
  .input(byId)
  .output(eventView)
  .query(({ ctx, input }) => getEvent(ctx, input));
