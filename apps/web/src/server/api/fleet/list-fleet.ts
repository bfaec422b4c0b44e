import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listFleet } from '../../services/fleet.ts';
import { withPermission } from '../trpc.ts';
import { fleetView } from '../views.ts';

export const listFleetInput = z.object({ siteId: idSchema.optional() });

export const listFleetProcedure = withPermission('site.read')
  .input(listFleetInput)
  .output(fleetView)
  .query(({ ctx, input }) => listFleet(ctx, input));
