import { idSchema } from '@saface/core';
import { z } from 'zod';
import { listLogs } from '../../services/fleet.ts';
import { withPermission } from '../trpc.ts';

export const listLogsInput = z.object({ agentId: idSchema, limit: z.number().int().min(1).max(500).default(100) });
export const listLogsOutput = z.array(
  z.object({ id: z.string(), time: z.number(), level: z.enum(['info', 'warn', 'error']), message: z.string() }),
);

export const listLogsProcedure = withPermission('site.read')
  .input(listLogsInput)
  .output(listLogsOutput)
  .query(({ ctx, input }) => listLogs(ctx, input));
