import { z } from 'zod';
import { createSite } from '../../services/sites.ts';
import { withPermission } from '../trpc.ts';
import { idView, nameInput } from '../views.ts';
import { timeZoneInput } from './time-zone.ts';

export const createSiteInput = z.object({ name: nameInput, timeZone: timeZoneInput });

export const createSiteProcedure = withPermission('fleet.write')
  .input(createSiteInput)
  .output(idView)
  .mutation(({ ctx, input }) => createSite(ctx, input));
