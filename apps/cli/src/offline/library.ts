import { join } from 'node:path';
import { ModelLibrary } from '@saface/engine';
import { folders } from '../env.ts';

/** Base models that are not built in. */
export function modelLibrary(): ModelLibrary {
  return new ModelLibrary(join(folders.models, 'library'));
}
