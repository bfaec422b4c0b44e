import type { LibraryModel } from '@saface/engine';
import { modelLibrary } from '../offline/library.ts';
import { progress, progressBar } from '../output.ts';
import { bodyReidName, bodyTraining, trainBodyNetwork } from './train-body-network.ts';

/** The re-identification model from the library, trained on simulated people first if it is not there (some minutes, once). */
export async function ensureBodyReid(): Promise<LibraryModel> {
  const library = modelLibrary();
  const known = (await library.list()).some(({ name }) => name === bodyReidName);
  if (known) return library.get(bodyReidName);
  progress(`Training ${bodyReidName} on ${bodyTraining.people} simulated people`);
  const bar = progressBar('training');
  const { onnx, spec, figures } = await trainBodyNetwork(({ step, steps, loss, activeShare }) => {
    bar(step / steps);
    if (step % 100 === 0)
      progress(`  step ${step}: loss ${loss.toFixed(4)}, ${(activeShare * 100).toFixed(0)} % active`);
  });
  return library.add({
    name: bodyReidName,
    kind: 'recogniser',
    onnx,
    spec,
    licence: null,
    source: 'made here: simulated people, labelled triplets',
    figures: { 'simulated people, accuracy': figures.accuracy, 'simulated people, auc': figures.auc },
  });
}
