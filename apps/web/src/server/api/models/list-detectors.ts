import { z } from 'zod';
import { listDetectors } from '../../services/detectors.ts';
import { withPermission } from '../trpc.ts';
import { detectorView, noInput } from '../views.ts';

export const listDetectorsOutput = z.array(detectorView);

export const listDetectorsProcedure = withPermission('site.read')
  .input(noInput)
  .output(listDetectorsOutput)
  .query(({ ctx }) => listDetectors(ctx));
