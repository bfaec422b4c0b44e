import { type Backbone, type BackboneName, type BackboneOptions, backboneNames } from './backbone.ts';
import { buildIResNet50 } from './iresnet-50.ts';
import { buildMobileFaceNet } from './mobile-face-net.ts';
import { buildSphere20 } from './sphere-20.ts';

/** Every network that can be trained from nothing; the one table to extend. */
const builders: Readonly<Record<BackboneName, (options?: BackboneOptions) => Backbone>> = {
  'sphere-20': buildSphere20,
  mobilefacenet: buildMobileFaceNet,
  'iresnet-50': buildIResNet50,
};

/** @throws SafaceError 'invalid-input' for options that make no network */
export function buildBackbone(name: BackboneName, options?: BackboneOptions): Backbone {
  return builders[name](options);
}

export { arcFaceTemplate } from './arcface-template.ts';
export { type Backbone, type BackboneName, type BackboneOptions, backboneNames };
