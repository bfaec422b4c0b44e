import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Box, DetectedFace, Point, RgbImage } from '@saface/core';
import { SafaceError } from '@saface/core';
import { faceApiRoot } from './weights.ts';

// face-api's own typings want a browser's DOM and a bundle that Node cannot load; these are the parts used here.
interface FaceApiTensor {
  dispose(): void;
}
interface FaceApiNet {
  loadFromDisk(folder: string): Promise<void>;
}
interface FaceApi {
  readonly tf: {
    setBackend(name: string): Promise<boolean>;
    ready(): Promise<void>;
    tensor3d(data: Uint8Array, shape: [number, number, number], dtype: 'int32'): FaceApiTensor;
    enableProdMode(): void;
  };
  readonly nets: {
    readonly ssdMobilenetv1: FaceApiNet & {
      locateFaces(image: FaceApiTensor, options: object): Promise<{ score: number; box: Box }[]>;
    };
    readonly faceLandmark68Net: FaceApiNet & { detectLandmarks(face: FaceApiTensor): Promise<{ positions: Point[] }> };
    readonly faceRecognitionNet: FaceApiNet & {
      computeFaceDescriptor(faces: FaceApiTensor | FaceApiTensor[]): Promise<Float32Array | Float32Array[]>;
    };
  };
  readonly SsdMobilenetv1Options: new (options: { minConfidence: number }) => object;
}

/** face-api itself on its wasm backend: what our ONNX models are held against, in tests and benchmarks. */
export class FaceApiReference {
  readonly #api: FaceApi;

  private constructor(api: FaceApi) {
    this.#api = api;
  }

  /** Needs the development dependencies @tensorflow/tfjs and @tensorflow/tfjs-backend-wasm. */
  static async load(): Promise<FaceApiReference> {
    const require = createRequire(import.meta.url);
    try {
      const wasm = require('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(folder: string): void };
      wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
      const api = require('@vladmandic/face-api/dist/face-api.node-wasm.js') as FaceApi;
      api.tf.enableProdMode();
      await api.tf.setBackend('wasm');
      await api.tf.ready();
      for (const net of wanted(api.nets)) await net.loadFromDisk(join(faceApiRoot(), 'model'));
      return new FaceApiReference(api);
    } catch (cause) {
      throw new SafaceError(
        'unavailable',
        'face-api on wasm cannot be loaded',
        'Install the development dependencies: `npm ci`.',
        { cause },
      );
    }
  }

  async detect(image: RgbImage, minConfidence: number): Promise<DetectedFace[]> {
    const options = new this.#api.SsdMobilenetv1Options({ minConfidence });
    const found = await this.#with([image], ([tensor]) => this.#api.nets.ssdMobilenetv1.locateFaces(tensor!, options));
    return found.map(({ score, box: { x, y, width, height } }) => ({ score, box: { x, y, width, height } }));
  }

  /** 68 points in pixels of `face`, which is the detector's box cut out of the picture. */
  async landmarks(face: RgbImage): Promise<Point[]> {
    const found = await this.#with([face], ([tensor]) => this.#api.nets.faceLandmark68Net.detectLandmarks(tensor!));
    return found.positions.map(({ x, y }) => ({ x, y }));
  }

  async descriptors(crops: readonly RgbImage[]): Promise<Float32Array[]> {
    const found = await this.#with(crops, (tensors) =>
      this.#api.nets.faceRecognitionNet.computeFaceDescriptor(tensors),
    );
    return found instanceof Float32Array ? [found] : found;
  }

  async #with<T>(images: readonly RgbImage[], use: (tensors: FaceApiTensor[]) => Promise<T>): Promise<T> {
    const tensors = images.map(({ data, width, height }) => this.#api.tf.tensor3d(data, [height, width, 3], 'int32'));
    try {
      return await use(tensors);
    } finally {
      for (const tensor of tensors) tensor.dispose();
    }
  }
}

function wanted(nets: FaceApi['nets']): FaceApiNet[] {
  return [nets.ssdMobilenetv1, nets.faceLandmark68Net, nets.faceRecognitionNet];
}
