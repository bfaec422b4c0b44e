import { backboneSpec, resolveOptions } from '../backbones/backbone.ts';
import type { Backbone, BackboneName, BackboneOptions } from '../backbones/index.ts';
import { LayerWriter } from '../backbones/layers.ts';
import { batchAxis } from '../onnx/shape.ts';
import { noise } from '../training/fixtures.ts';
import type { PretrainDataset } from './dataset.ts';

/** A network of two convolutions with everything in it that the real ones have; small enough for a test's patience. */
export function tinyBackbone(name: BackboneName, options: BackboneOptions = {}): Backbone {
  const resolved = resolveOptions(options, 16);
  const net = new LayerWriter(resolved.seed);
  let x = net.graph.input('input', [batchAxis, 3, resolved.inputSize, resolved.inputSize]);
  x = net.conv(x, { name: 'first', from: 3, to: 8, kernel: 3, stride: 2, pad: 1 });
  x = net.prelu(net.normalise(x, { name: 'first', channels: 8 }), { name: 'first', channels: 8 }, 'first');
  const inner = net.conv(x, { name: 'second', from: 8, to: 8, kernel: 3, pad: 1, groups: 8 });
  x = net.graph.op('Add', [x, net.prelu(inner, { name: 'second', channels: 8 })], {}, 'second');
  x = net.conv(x, { name: 'third', from: 8, to: 16, kernel: 3, stride: 2, pad: 1, bias: true });
  x = net.graph.op('Flatten', [net.prelu(x, { name: 'third', channels: 16 })], { axis: 1 });
  x = net.linear(x, { name: 'fc', from: (16 * resolved.inputSize ** 2) / 16, to: resolved.dimension });
  net.normalise(x, { name: 'features', channels: resolved.dimension }, 'embedding');
  net.graph.output('embedding', [batchAxis, resolved.dimension]);
  return { name, model: net.graph.build(), spec: backboneSpec(name, resolved, 'second'), cuts: ['first', 'second'] };
}

/**
 * A dataset for tests: each "person" is a pattern of coarse coloured squares, each picture of it under noise and another
 * brightness.
 */
export function patternDataset({
  people = 8,
  pictures = 6,
  size = 32,
  seed = 1,
}: {
  people?: number;
  pictures?: number;
  size?: number;
  seed?: number;
} = {}): PretrainDataset {
  const random = noise(seed);
  const cells = 4;
  const crops: Uint8Array[] = [];
  const labels: number[] = [];
  for (let person = 0; person < people; person++) {
    const pattern = Float32Array.from({ length: cells * cells * 3 }, () => 128 + 90 * random());
    for (let picture = 0; picture < pictures; picture++) {
      const light = 20 * random();
      const crop = new Uint8Array(size * size * 3);
      for (let at = 0; at < crop.length; at++) {
        const [pixel, channel] = [Math.floor(at / 3), at % 3];
        const row = Math.floor((Math.floor(pixel / size) * cells) / size);
        const column = Math.floor(((pixel % size) * cells) / size);
        const value = pattern[(row * cells + column) * 3 + channel]! + light + 25 * random();
        crop[at] = Math.min(255, Math.max(0, value));
      }
      crops.push(crop);
      labels.push(person);
    }
  }
  return {
    name: `${people} patterns`,
    fingerprint: `patterns ${people} ${pictures} ${size} ${seed}`,
    size,
    identities: Array.from({ length: people }, (_, person) => `pattern ${person}`),
    labels: Int32Array.from(labels),
    read: async (indices) => indices.map((index) => crops[index]!),
  };
}
