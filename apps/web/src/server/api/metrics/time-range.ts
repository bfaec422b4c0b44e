import { z } from 'zod';

/** From `from` to `to` (Unix epoch ms) in `buckets` equal parts. */
export const timeRange = z.object({
  from: z.number().int(),
  to: z.number().int(),
  buckets: z.number().int().min(10).max(500).default(120),
});
