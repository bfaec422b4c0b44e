import { pretrainingSettingsSchema, textSchema } from '@saface/core';
import { z } from 'zod';
import { startPretraining } from '../../services/pretrainings.ts';
import { withPermission } from '../trpc.ts';
import { idView, nameInput } from '../views.ts';

export const startPretrainingInput = z.object({
  name: nameInput,
  folder: textSchema.trim().min(1, 'choose a folder').max(500),
  settings: pretrainingSettingsSchema,
});

export const startPretrainingProcedure = withPermission('policy.write')
  .input(startPretrainingInput)
  .output(idView)
  .mutation(({ ctx, input }) => startPretraining(ctx, input));
