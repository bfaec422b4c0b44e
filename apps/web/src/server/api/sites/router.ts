import { createRouter } from '../trpc.ts';
import { createSiteProcedure } from './create-site.ts';
import { deleteSiteProcedure } from './delete-site.ts';
import { listSitesProcedure } from './list-sites.ts';
import { updateSiteProcedure } from './update-site.ts';

export const sitesRouter = createRouter({
  list: listSitesProcedure,
  create: createSiteProcedure,
  update: updateSiteProcedure,
  delete: deleteSiteProcedure,
});
