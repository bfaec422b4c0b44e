import { type Enrolled, type Extractor, FeatureStore } from '@saface/core';
import { cropBox } from '@saface/engine';
import { createPedestrians, renderBodyPicture, studioConditions } from '@saface/simulator';
import { bodyNetwork } from './body-network.ts';
import { bodyTraining } from './train-body-network.ts';

const PICTURES = 6;

/**
 * What the base model knows well and no version may forget (docs/decisions/023), for whole people: those whom its training never saw,
 * from all sides. A track shows one side of whoever walks by, so what is learnt from tracks alone may cost the others.
 */
export async function bodyBenchmark(extractor: Extractor): Promise<Enrolled> {
  const { seed, people, heldOutPeople } = bodyTraining;
  const features = new FeatureStore(extractor.featureShape.reduce((product, size) => product * size, 1));
  const identityIds: string[] = [];
  for (const [at, person] of createPedestrians(seed, people + heldOutPeople)
    .slice(people)
    .entries()) {
    const crops = Array.from({ length: PICTURES }, (_, i) => {
      const { image, box } = renderBodyPicture(person, studioConditions, (20_000 + at) * 1000 + i);
      return cropBox(image, box, bodyNetwork.size);
    });
    features.add(await extractor.extract(crops));
    identityIds.push(...crops.map(() => String(at)));
  }
  return { bank: features, identityIds };
}
