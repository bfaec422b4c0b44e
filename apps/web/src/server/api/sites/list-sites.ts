import { z } from 'zod';
import { listSites } from '../../services/sites.ts';
import { withPermission } from '../trpc.ts';
import { noInput, refView } from '../views.ts';

export const listSitesOutput = z.array(
  refView.extend({
    timeZone: z.string(),
    createdAt: z.number(),
    cameras: z.number(),
    edges: z.number(),
    scenarios: z.number(),
  }),
);

export const listSitesProcedure = withPermission('site.read')
  .input(noInput)
  .output(listSitesOutput)
  .query(({ ctx }) => listSites(ctx));
