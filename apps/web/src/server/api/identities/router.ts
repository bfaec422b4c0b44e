import { createRouter } from '../trpc.ts';
import { createIdentityProcedure } from './create-identity.ts';
import { deleteImageProcedure } from './delete-image.ts';
import { eraseIdentityProcedure } from './erase-identity.ts';
import { getIdentityProcedure } from './get-identity.ts';
import { listIdentitiesProcedure } from './list-identities.ts';
import { listReceiptsProcedure } from './list-receipts.ts';
import { updateIdentityProcedure } from './update-identity.ts';

export const identitiesRouter = createRouter({
  list: listIdentitiesProcedure,
  get: getIdentityProcedure,
  create: createIdentityProcedure,
  update: updateIdentityProcedure,
  deleteImage: deleteImageProcedure,
  erase: eraseIdentityProcedure,
  receipts: listReceiptsProcedure,
});
