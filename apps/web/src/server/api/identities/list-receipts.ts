import { z } from 'zod';
import { listReceipts } from '../../services/erasure.ts';
import { withPermission } from '../trpc.ts';
import { noInput, receiptView } from '../views.ts';

export const listReceiptsOutput = z.array(receiptView);

export const listReceiptsProcedure = withPermission('audit.read')
  .input(noInput)
  .output(listReceiptsOutput)
  .query(({ ctx }) => listReceipts(ctx));
