import { idSchema } from '@saface/core';
import { z } from 'zod';
import { retireVersion } from '../../services/retirement.ts';
import { withPermission } from '../trpc.ts';
import { idView, reasonInput } from '../views.ts';

export const retireVersionInput = z.object({ versionId: idSchema, reason: reasonInput });

export const retireVersionProcedure = withPermission('version.deploy')
  .input(retireVersionInput)
  .output(idView)
  .mutation(({ ctx, input }) => retireVersion(ctx, input));
