import { updateSite } from '../../services/sites.ts';
import { withPermission } from '../trpc.ts';
import { byId, idView, nameInput } from '../views.ts';
import { timeZoneInput } from './time-zone.ts';

export const updateSiteInput = byId.extend({ name: nameInput, timeZone: timeZoneInput });

export const updateSiteProcedure = withPermission('fleet.write')
  .input(updateSiteInput)
  .output(idView)
  .mutation(({ ctx, input }) => updateSite(ctx, input));
