import { idSchema } from '@saface/core';
import { z } from 'zod';
import { createEdge } from '../../services/fleet.ts';
import { withPermission } from '../trpc.ts';
import { idView, nameInput } from '../views.ts';

export const createEdgeInput = z.object({ siteId: idSchema, name: nameInput });

export const createEdgeProcedure = withPermission('fleet.write')
  .input(createEdgeInput)
  .output(idView)
  .mutation(({ ctx, input }) => createEdge(ctx, input));
