import { z } from 'zod';
import { listPretrainings } from '../../services/pretrainings.ts';
import { withPermission } from '../trpc.ts';
import { noInput, pretrainingView } from '../views.ts';

export const listPretrainingsOutput = z.object({
  items: z.array(pretrainingView),
  /** Folders below the root. */
  folders: z.array(z.string()),
  root: z.string(),
});

export const listPretrainingsProcedure = withPermission('site.read')
  .input(noInput)
  .output(listPretrainingsOutput)
  .query(({ ctx }) => listPretrainings(ctx));
