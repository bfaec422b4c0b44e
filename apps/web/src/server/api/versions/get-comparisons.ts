import { idSchema } from '@saface/core';
import { z } from 'zod';
import { getLiveComparisons } from '../../services/live-comparisons.ts';
import { withPermission } from '../trpc.ts';
import { comparisonsView } from '../views.ts';

export const getComparisonsInput = z.object({ scenarioId: idSchema });

export const getComparisonsProcedure = withPermission('site.read')
  .input(getComparisonsInput)
  .output(comparisonsView)
  .query(({ ctx, input }) => getLiveComparisons(ctx, input));
