import { batchAxis } from '../onnx/shape.ts';
import { type Backbone, type BackboneOptions, backboneSpec, channelsAt, resolveOptions } from './backbone.ts';
import { LayerWriter } from './layers.ts';

const stages = [
  { channels: 64, units: 3 },
  { channels: 128, units: 4 },
  { channels: 256, units: 14 },
  { channels: 512, units: 3 },
] as const;

/**
 * The 50-layer residual network of the ArcFace paper (Deng et al. 2019): a stem that keeps the resolution, units of
 * BN-Conv-BN-PReLU-Conv-BN, and the output BN-FC-BN that the paper calls option E (its dropout left out).
 *
 * Input `input` [N, 3, S, S], output `embedding` [N, dimension]. The outputs of the blocks are `stem` and `stage-s/unit-u`.
 */
export function buildIResNet50(options: BackboneOptions = {}): Backbone {
  const resolved = resolveOptions(options, 512);
  const { inputSize, dimension, seed } = resolved;
  const scaled = channelsAt(resolved.width);
  const net = new LayerWriter(seed);
  const cuts: string[] = [];
  const mark = (name: string) => {
    cuts.push(name);
    return name;
  };

  const unit = (
    input: string,
    { name, from, to, stride }: { name: string; from: number; to: number; stride: number },
  ) => {
    let y = net.normalise(input, { name: `${name}/norm-1`, channels: from });
    y = net.conv(y, { name: `${name}/conv-1`, from, to, kernel: 3, pad: 1 });
    y = net.prelu(net.normalise(y, { name: `${name}/norm-2`, channels: to }), { name: `${name}/prelu`, channels: to });
    y = net.conv(y, { name: `${name}/conv-2`, from: to, to, kernel: 3, stride, pad: 1 });
    y = net.normalise(y, { name: `${name}/norm-3`, channels: to });
    const plain = stride === 1 && from === to;
    const projected = () =>
      net.normalise(net.conv(input, { name: `${name}/shortcut`, from, to, kernel: 1, stride }), {
        name: `${name}/shortcut-norm`,
        channels: to,
      });
    return net.graph.op('Add', [y, plain ? input : projected()], {}, mark(name));
  };

  let from = scaled(64);
  let x = net.graph.input('input', [batchAxis, 3, inputSize, inputSize]);
  x = net.conv(x, { name: 'stem/conv', from: 3, to: from, kernel: 3, pad: 1 });
  x = net.prelu(
    net.normalise(x, { name: 'stem/norm', channels: from }),
    { name: 'stem', channels: from },
    mark('stem'),
  );
  for (const [stage, { channels, units }] of stages.entries()) {
    const to = scaled(channels);
    for (let index = 0; index < units; index++) {
      const down = index === 0;
      x = unit(x, { name: `stage-${stage + 1}/unit-${index + 1}`, from: down ? from : to, to, stride: down ? 2 : 1 });
    }
    from = to;
  }
  const side = inputSize / 16;
  x = net.graph.op('Flatten', [net.normalise(x, { name: 'last/norm', channels: from })], { axis: 1 });
  x = net.linear(x, { name: 'fc', from: from * side * side, to: dimension });
  net.normalise(x, { name: 'features', channels: dimension }, 'embedding');
  net.graph.output('embedding', [batchAxis, dimension]);
  const model = net.graph.build({ metadata: { 'saface.backbone': 'iresnet-50' } });
  return { name: 'iresnet-50', model, spec: backboneSpec('iresnet-50', resolved, 'stage-3/unit-7'), cuts };
}
