import { floatData, floatTensor, OrtSession, type SessionOptions } from '../runtime/session.ts';
import type { Network } from './network.ts';

/** A model file on ONNX Runtime. Throws like `OrtSession.create`. */
export async function openOrtNetwork(model: Uint8Array | string, options: SessionOptions): Promise<Network> {
  const session = await OrtSession.create(model, options);
  const [input, output] = [session.inputs[0], session.outputs[0]];
  return {
    inputShape: input?.shape,
    outputShape: output?.shape,
    async run(values, count) {
      const sampleShape = input!.shape.slice(1) as number[];
      const results = await session.run({ [input!.name]: floatTensor(values, [count, ...sampleShape]) });
      return floatData(results[output!.name], output!.name);
    },
    dispose: () => session.dispose(),
  };
}
