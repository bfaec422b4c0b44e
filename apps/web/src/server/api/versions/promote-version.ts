import { idSchema } from '@saface/core';
import { z } from 'zod';
import { promoteVersion } from '../../services/deployments.ts';
import { withPermission } from '../trpc.ts';
import { reasonInput } from '../views.ts';

export const promoteVersionInput = z.object({ versionId: idSchema, reason: reasonInput });
export const promoteVersionOutput = z.object({ deploymentId: z.string() });

export const promoteVersionProcedure = withPermission('version.deploy')
  .input(promoteVersionInput)
  .output(promoteVersionOutput)
  .mutation(({ ctx, input }) => promoteVersion(ctx, input));
