import { idSchema } from '@saface/core';
import { z } from 'zod';
import { rollbackVersion } from '../../services/deployments.ts';
import { withPermission } from '../trpc.ts';
import { reasonInput } from '../views.ts';

export const rollbackVersionInput = z.object({
  scenarioId: idSchema,
  versionId: idSchema.optional(),
  reason: reasonInput,
});
export const rollbackVersionOutput = z.object({ deploymentId: z.string() });

export const rollbackVersionProcedure = withPermission('version.deploy')
  .input(rollbackVersionInput)
  .output(rollbackVersionOutput)
  .mutation(({ ctx, input }) => rollbackVersion(ctx, input));
