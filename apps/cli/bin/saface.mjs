#!/usr/bin/env node
// The CLI is TypeScript run from source; tsx translates it in memory.
import { register } from 'tsx/esm/api';

register();
await import('../src/main.ts');
