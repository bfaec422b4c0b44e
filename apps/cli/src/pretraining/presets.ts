import type { BackboneName, BackboneOptions, HeadName, PretrainSettings } from '@saface/engine';
import type { PortraitSpec } from '@saface/simulator';

/** A whole pre-training on simulated people, so that a name says exactly what a model is. */
export interface Preset {
  readonly people: PortraitSpec;
  readonly backbone: BackboneOptions & { readonly name: BackboneName };
  readonly head: HeadName;
  readonly options: PretrainSettings;
}

/** Pre-trainings by name. The one table to extend. */
export const presets = {
  /**
   * Sphere-20 as it can be trained in minutes on two cores: the paper's 20 layers at a quarter of their channels, on crops
   * of 64 pixels (the scenes' faces are 30 to 60), 128-D. It has seen nobody but simulated people, so it is of
   * no use for real faces.
   */
  'sphere-20-simulated': {
    people: { seed: 2019, people: 160, pictures: 20 },
    backbone: { name: 'sphere-20', width: 0.25, inputSize: 64, dimension: 128, seed: 1 },
    head: 'cosface',
    options: {
      epochs: 10,
      batchSize: 64,
      scale: 24,
      margin: 0.25,
      schedule: { kind: 'cosine', learningRate: 0.05 },
      heldOut: 0.15,
    },
  },
} as const satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;
export const presetNames = Object.keys(presets) as PresetName[];
