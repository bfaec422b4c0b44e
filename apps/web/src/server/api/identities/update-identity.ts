import { idSchema } from '@saface/core';
import { z } from 'zod';
import { updateIdentity } from '../../services/identities.ts';
import { withPermission } from '../trpc.ts';
import { byId, consentInput, idView, nameInput } from '../views.ts';

export const updateIdentityInput = byId.extend({
  name: nameInput,
  galleryIds: z.array(idSchema).min(1, 'choose a gallery').max(50),
  consent: consentInput,
});

export const updateIdentityProcedure = withPermission('identity.write')
  .input(updateIdentityInput)
  .output(idView)
  .mutation(({ ctx, input }) => updateIdentity(ctx, input));
