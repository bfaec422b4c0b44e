import { batchAxis } from '../onnx/shape.ts';
import { type Backbone, type BackboneOptions, backboneSpec, channelsAt, resolveOptions } from './backbone.ts';
import { LayerWriter } from './layers.ts';

/** Table 2 of the SphereFace paper, column "20-layer": each stage halves the image and adds residual units of two layers. */
const stages = [
  { channels: 64, units: 1 },
  { channels: 128, units: 2 },
  { channels: 256, units: 4 },
  { channels: 512, units: 1 },
] as const;

/** Layers after which the paper freezes (Fig. 7 and 8). 12 and 16 lie within a residual unit. */
const withinUnits: readonly number[] = [12, 16];

/**
 * Sphere-20 (Liu et al. 2017): 20 convolution layers of 3x3 with PReLU and no batch normalisation, then a fully connected
 * layer. The paper's input is 112x96; here it is square.
 *
 * Input `input` [N, 3, S, S], output `embedding` [N, dimension]. Tensor `layers-n` is what n convolution layers have made of
 * the input; n = 4, 8, 12 and 16 are legal cuts. Where such a cut lies within a unit, the unit's input goes through it
 * beside the first layer's output, as further channels.
 */
export function buildSphere20(options: BackboneOptions = {}): Backbone {
  const resolved = resolveOptions(options, 512);
  const { inputSize, dimension, seed } = resolved;
  const scaled = channelsAt(resolved.width);
  const net = new LayerWriter(seed);
  const cuts: string[] = [];
  let layers = 0;
  let x = net.graph.input('input', [batchAxis, 3, inputSize, inputSize]);

  const layer = (input: string, { from, to, stride }: { from: number; to: number; stride: 1 | 2 }, output?: string) => {
    layers += 1;
    const name = `conv-${layers}`;
    // Residual layers start small, as in the paper (0.01 at 64 channels): the network begins shallow and deepens as it learns.
    const deviation = stride === 1 ? 0.17 * Math.sqrt(2 / (from * 9)) : undefined;
    const y = net.conv(input, { name, from, to, kernel: 3, stride, pad: 1, bias: stride === 2, deviation });
    return net.prelu(y, { name, channels: to }, output);
  };
  const mark = (name: string) => {
    cuts.push(name);
    return name;
  };

  let from = 3;
  for (const stage of stages) {
    const channels = scaled(stage.channels);
    x = layer(x, { from, to: channels, stride: 2 }, mark(`layers-${layers + 1}`));
    for (let unit = 0; unit < stage.units; unit++) {
      let kept = x;
      let inner = layer(x, { from: channels, to: channels, stride: 1 });
      if (withinUnits.includes(layers)) {
        const both = net.graph.op('Concat', [kept, inner], { axis: 1 }, mark(`layers-${layers}`));
        const half = (start: number) =>
          net.graph.op('Slice', [both, net.graph.int64(start), net.graph.int64(start + channels), net.graph.int64(1)]);
        [kept, inner] = [half(0), half(channels)];
      }
      const branch = layer(inner, { from: channels, to: channels, stride: 1 });
      x = net.graph.op('Add', [kept, branch], {}, mark(`layers-${layers}`));
    }
    from = channels;
  }
  const side = inputSize / 16;
  const flat = net.graph.op('Flatten', [x], { axis: 1 });
  net.linear(flat, { name: 'fc', from: from * side * side, to: dimension }, 'embedding');
  net.graph.output('embedding', [batchAxis, dimension]);
  const model = net.graph.build({ metadata: { 'saface.backbone': 'sphere-20' } });
  return { name: 'sphere-20', model, spec: backboneSpec('sphere-20', resolved, 'layers-12'), cuts };
}
