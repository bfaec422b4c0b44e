import type { ErrorCode, Frame } from '@saface/core';
import type { FoundProbes } from './probe-finder.ts';

export type WorkerRequest =
  | { readonly type: 'find'; readonly frame: Frame }
  | { readonly type: 'reset' }
  | { readonly type: 'end' };

/** `ready` once, then one `found` or `failed` for each `find`, in order; `failed` in place of `ready` when a model is bad. */
export type WorkerAnswer =
  | { readonly type: 'ready' }
  | { readonly type: 'found'; readonly found: FoundProbes }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string; readonly remedy: string };
