import { SafaceError } from '@saface/core';
import type { RecogniserImport } from './import/import-recogniser.ts';
import type { ModelFigures } from './library.ts';

interface CatalogueFile {
  readonly name: string;
  readonly licence: string;
  /** Name of the file, under which a mirror keeps it. */
  readonly file: string;
  /** Where the file is when no mirror has it; null where only a mirror can have it. */
  readonly address: string | null;
  readonly source: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly figures: ModelFigures;
}

/** How a recogniser of the catalogue wants its faces; nothing has to be probed. */
export type DeclaredInput = Required<Pick<RecogniserImport, 'mean' | 'scale' | 'channels' | 'template' | 'metric'>>;

export type CatalogueModel =
  | (CatalogueFile & { readonly kind: 'detector' })
  | (CatalogueFile & { readonly kind: 'recogniser'; readonly input: DeclaredInput });

/** Models that SaFace knows and does not ship: their licences are their own. */
export const catalogue: readonly CatalogueModel[] = [
  {
    name: 'foamliu-mobilefacenet',
    kind: 'recogniser',
    licence: 'Apache-2.0',
    file: 'foamliu_MobileFaceNet.onnx',
    address: null,
    source: 'foamliu/MobileFaceNet @ a6cc903',
    sha256: 'b7120c095d60094f28a4a54ba6a8bf51b297a6273fb40ef6350dfec1f63d9507',
    bytes: 3_998_070,
    figures: { embedding: 128 },
    input: {
      mean: [123.675, 116.28, 103.53],
      scale: [1 / 58.395, 1 / 57.12, 1 / 57.375],
      channels: 'rgb',
      template: 'arcface',
      metric: 'cosine',
    },
  },
  {
    name: 'scrfd-500m',
    kind: 'detector',
    licence: 'non-commercial research (InsightFace)',
    file: 'scrfd_500m_kps.onnx',
    address: 'https://github.com/hpc203/scrfd-opencv/raw/eee7bf1/weights/scrfd_500m_kps.onnx',
    source: 'hpc203/scrfd-opencv @ eee7bf1',
    sha256: '517cb1980c72422e676738fc45431700fb7cbee56d0f825b623ee427b3e5ce58',
    bytes: 2_524_095,
    figures: {},
  },
  {
    name: 'yunet',
    kind: 'detector',
    licence: 'Apache-2.0',
    file: 'yunet_n_640_640.onnx',
    address: 'https://github.com/ShiqiYu/libfacedetection.train/raw/0047ac2/onnx/yunet_n_640_640.onnx',
    source: 'ShiqiYu/libfacedetection.train @ 0047ac2',
    sha256: '25a606a145a5b6d7271ae138fbd00eba91dad8b83222ae3f2c7ecd0f4a7b0e31',
    bytes: 317_466,
    figures: {},
  },
  {
    name: 'yunet-dynamic',
    kind: 'detector',
    licence: 'Apache-2.0',
    file: 'yunet_n_dynamic.onnx',
    address: 'https://github.com/ShiqiYu/libfacedetection.train/raw/0047ac2/onnx/yunet_n_dynamic.onnx',
    source: 'ShiqiYu/libfacedetection.train @ 0047ac2',
    sha256: '104ee26c71d5c270ce79a6b3dced91c91013260d29a6bf18f9296c5b8c4c2b12',
    bytes: 322_906,
    figures: {},
  },
];

/** @throws SafaceError 'not-found' that lists what there is */
export function catalogueModel(name: string): CatalogueModel {
  const model = catalogue.find((known) => known.name === name);
  if (model) return model;
  throw new SafaceError(
    'not-found',
    `The catalogue has no model "${name}"`,
    `It has: ${catalogue.map((known) => known.name).join(', ')}. Other files come in with \`saface models import\`.`,
  );
}
