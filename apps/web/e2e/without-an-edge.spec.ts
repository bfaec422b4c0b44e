import { comesBack } from './comes-back.ts';
import { test } from './fixtures.ts';

// After the specs that wait for a version: a run that was under way when its edge was killed takes longer.
test.describe.configure({ mode: 'serial' });

for (const service of ['edge-agent', 'edge-redis']) comesBack(service);
