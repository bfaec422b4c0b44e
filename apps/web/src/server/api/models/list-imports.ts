import { z } from 'zod';
import { listImports } from '../../services/model-imports.ts';
import { withPermission } from '../trpc.ts';
import { importView, noInput } from '../views.ts';

export const listImportsOutput = z.array(importView);

export const listImportsProcedure = withPermission('site.read')
  .input(noInput)
  .output(listImportsOutput)
  .query(({ ctx }) => listImports(ctx));
