import { z } from 'zod';
import { listTokens } from '../../services/tokens.ts';
import { withPermission } from '../trpc.ts';
import { noInput, tokenView } from '../views.ts';

export const listTokensOutput = z.array(tokenView);

export const listTokensProcedure = withPermission('fleet.write')
  .input(noInput)
  .output(listTokensOutput)
  .query(({ ctx }) => listTokens(ctx));
