import { idSchema } from '@saface/core';
import { z } from 'zod';
import { compareVersions } from '../../services/compare-versions.ts';
import { withPermission } from '../trpc.ts';
import { comparisonView } from '../views.ts';

export const compareVersionsInput = z.object({ a: idSchema, b: idSchema });

export const compareVersionsProcedure = withPermission('site.read')
  .input(compareVersionsInput)
  .output(comparisonView)
  .query(({ ctx, input }) => compareVersions(ctx, input));
