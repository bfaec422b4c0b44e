import { idSchema, metricNames } from '@saface/core';
import { z } from 'zod';
import { getSeries } from '../../services/metrics.ts';
import { withPermission } from '../trpc.ts';
import { timeRange } from './time-range.ts';

export const getSeriesInput = timeRange.extend({
  scope: z.enum(['edge', 'camera', 'scenario']),
  scopeId: idSchema,
  names: z.array(z.enum(metricNames)).min(1).max(metricNames.length),
});
export const getSeriesOutput = z.object({
  bucketMs: z.number(),
  times: z.array(z.number()),
  series: z.array(z.object({ name: z.enum(metricNames), values: z.array(z.number().nullable()) })),
});

export const getSeriesProcedure = withPermission('site.read')
  .input(getSeriesInput)
  .output(getSeriesOutput)
  .query(({ ctx, input }) => getSeries(ctx, input));
