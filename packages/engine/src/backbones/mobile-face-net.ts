import { batchAxis } from '../onnx/shape.ts';
import { type Backbone, type BackboneOptions, backboneSpec, channelsAt, resolveOptions } from './backbone.ts';
import { type ConvSpec, LayerWriter } from './layers.ts';

/** Table 1 of the MobileFaceNets paper, from the first bottleneck on: expansion t, channels c, repeats n, stride of the first. */
const stages = [
  { expansion: 2, channels: 64, repeats: 5, stride: 2 },
  { expansion: 4, channels: 128, repeats: 1, stride: 2 },
  { expansion: 2, channels: 128, repeats: 6, stride: 1 },
  { expansion: 4, channels: 128, repeats: 1, stride: 2 },
  { expansion: 2, channels: 128, repeats: 2, stride: 1 },
] as const;

/**
 * MobileFaceNet (Chen et al. 2018): inverted residual bottlenecks with PReLU and batch normalisation, and a global depthwise
 * convolution in place of global average pooling, which would treat the corners of a face like its middle.
 *
 * Input `input` [N, 3, S, S], output `embedding` [N, dimension]. The outputs of the blocks are `stem`, `depthwise`,
 * `bottleneck-1` to `bottleneck-15`, `expand` and `global`.
 */
export function buildMobileFaceNet(options: BackboneOptions = {}): Backbone {
  const resolved = resolveOptions(options, 128);
  const { inputSize, dimension, seed } = resolved;
  const scaled = channelsAt(resolved.width);
  const net = new LayerWriter(seed);
  const cuts: string[] = [];
  const mark = (name: string) => {
    cuts.push(name);
    return name;
  };
  /** Convolution and batch normalisation, and PReLU where `linear` does not say otherwise. */
  const layer = (input: string, spec: ConvSpec & { readonly linear?: boolean }, output?: string): string => {
    const part = { name: spec.name, channels: spec.to };
    const normal = net.normalise(net.conv(input, spec), part, spec.linear ? output : undefined);
    return spec.linear ? normal : net.prelu(normal, part, output);
  };

  let channels = scaled(64);
  let x = net.graph.input('input', [batchAxis, 3, inputSize, inputSize]);
  x = layer(x, { name: 'stem', from: 3, to: channels, kernel: 3, stride: 2, pad: 1 }, mark('stem'));
  x = layer(
    x,
    { name: 'depthwise', from: channels, to: channels, kernel: 3, pad: 1, groups: channels },
    mark('depthwise'),
  );
  let count = 0;
  for (const stage of stages) {
    for (let repeat = 0; repeat < stage.repeats; repeat++) {
      const name = `bottleneck-${++count}`;
      const stride = repeat === 0 ? stage.stride : 1;
      const to = scaled(stage.channels);
      const wide = channels * stage.expansion;
      const kept = stride === 1 && to === channels ? x : undefined;
      const output = mark(name);
      let y = layer(x, { name: `${name}/expand`, from: channels, to: wide, kernel: 1 });
      y = layer(y, { name: `${name}/depthwise`, from: wide, to: wide, kernel: 3, stride, pad: 1, groups: wide });
      const project = { name: `${name}/project`, from: wide, to, kernel: 1, linear: true };
      x = kept === undefined ? layer(y, project, output) : net.graph.op('Add', [layer(y, project), kept], {}, output);
      channels = to;
    }
  }
  const last = scaled(512);
  const side = inputSize / 16;
  x = layer(x, { name: 'expand', from: channels, to: last, kernel: 1 }, mark('expand'));
  x = layer(x, { name: 'global', from: last, to: last, kernel: side, groups: last, linear: true }, mark('global'));
  x = layer(x, { name: 'embed', from: last, to: dimension, kernel: 1, linear: true });
  net.graph.op('Flatten', [x], { axis: 1 }, 'embedding');
  net.graph.output('embedding', [batchAxis, dimension]);
  const model = net.graph.build({ metadata: { 'saface.backbone': 'mobilefacenet' } });
  return { name: 'mobilefacenet', model, spec: backboneSpec('mobilefacenet', resolved, 'bottleneck-12'), cuts };
}
