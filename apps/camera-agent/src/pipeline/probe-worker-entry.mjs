// tsx does not reach a worker thread by itself on Node 20: it is registered here before the first TypeScript file.
import { register } from 'tsx/esm/api';

register();
await import('./probe-worker.ts');
