import { z } from 'zod';
import { listGalleries } from '../../services/galleries.ts';
import { withPermission } from '../trpc.ts';
import { noInput, refView } from '../views.ts';

export const listGalleriesOutput = z.array(
  refView.extend({
    description: z.string(),
    identities: z.number(),
    scenarios: z.array(refView),
    createdAt: z.number(),
  }),
);

export const listGalleriesProcedure = withPermission('site.read')
  .input(noInput)
  .output(listGalleriesOutput)
  .query(({ ctx }) => listGalleries(ctx));
