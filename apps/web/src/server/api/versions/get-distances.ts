import { idSchema } from '@saface/core';
import { z } from 'zod';
import { getDistances } from '../../services/distances.ts';
import { withPermission } from '../trpc.ts';
import { distancesView } from '../views.ts';

export const getDistancesInput = z.object({ versionId: idSchema });

export const getDistancesProcedure = withPermission('site.read')
  .input(getDistancesInput)
  .output(distancesView)
  .query(({ ctx, input }) => getDistances(ctx, input));
