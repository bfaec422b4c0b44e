import { idSchema } from '@saface/core';
import { z } from 'zod';
import { requestMove } from '../../services/base-model-moves.ts';
import { withPermission } from '../trpc.ts';
import { idView, reasonInput } from '../views.ts';

export const moveScenarioInput = z.object({ scenarioId: idSchema, baseModelId: idSchema, reason: reasonInput });

export const moveScenarioProcedure = withPermission('policy.write')
  .input(moveScenarioInput)
  .output(idView)
  .mutation(({ ctx, input }) => requestMove(ctx, input));
