import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listVersions } from '../../services/versions.ts';
import { withPermission } from '../trpc.ts';
import { deploymentView, versionView } from '../views.ts';

export const listVersionsInput = z.object({ scenarioId: idSchema });
export const listVersionsOutput = z.object({ versions: z.array(versionView), deployments: z.array(deploymentView) });

export const listVersionsProcedure = withPermission('site.read')
  .input(listVersionsInput)
  .output(listVersionsOutput)
  .query(({ ctx, input }) => listVersions(ctx, input));
