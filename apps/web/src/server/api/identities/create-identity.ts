import { idSchema } from '@saface/core';
import { z } from 'zod';
import { createIdentity } from '../../services/identities.ts';
import { withPermission } from '../trpc.ts';
import { consentInput, idView, nameInput } from '../views.ts';

export const createIdentityInput = z.object({
  name: nameInput,
  galleryIds: z.array(idSchema).min(1, 'choose a gallery').max(50),
  consent: consentInput,
});

export const createIdentityProcedure = withPermission('identity.write')
  .input(createIdentityInput)
  .output(idView)
  .mutation(({ ctx, input }) => createIdentity(ctx, input));
