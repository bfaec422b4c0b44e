import { SafaceError } from '@saface/core';
import type { WireInteger, WireTensor } from './proto.ts';

/** Element types by ONNX Runtime's names; float16 is carried as its bit pattern. */
const elementTable = {
  float32: { code: 1, array: Float32Array },
  uint8: { code: 2, array: Uint8Array },
  int8: { code: 3, array: Int8Array },
  uint16: { code: 4, array: Uint16Array },
  int16: { code: 5, array: Int16Array },
  int32: { code: 6, array: Int32Array },
  int64: { code: 7, array: BigInt64Array },
  bool: { code: 9, array: Uint8Array },
  float16: { code: 10, array: Uint16Array },
  float64: { code: 11, array: Float64Array },
  uint32: { code: 12, array: Uint32Array },
  uint64: { code: 13, array: BigUint64Array },
} as const;

export type OnnxElementType = keyof typeof elementTable;
export type OnnxData =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A constant: `data.length === product(dims)`, row-major. */
export interface OnnxTensor {
  readonly name: string;
  readonly type: OnnxElementType;
  readonly dims: readonly number[];
  readonly data: OnnxData;
}

export function elementCount(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

export function elementCode(type: OnnxElementType): number {
  return elementTable[type].code;
}

/** @throws SafaceError 'unsupported' for strings, complex numbers, bfloat16 and the 4- and 8-bit float types. */
export function elementTypeOf(code: number, owner: string): OnnxElementType {
  for (const [name, { code: known }] of Object.entries(elementTable))
    if (known === code) return name as OnnxElementType;
  throw new SafaceError(
    'unsupported',
    `"${owner}" has ONNX element type ${code}, which SaFace cannot read`,
    'Export the model in float32, float64, float16 or integer types.',
  );
}

/** Which element type an array stands for when none is named: plain bytes are uint8, 16-bit words are uint16. */
export function elementTypeOfData(data: OnnxData): OnnxElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof Float64Array) return 'float64';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof BigUint64Array) return 'uint64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Uint32Array) return 'uint32';
  if (data instanceof Int16Array) return 'int16';
  if (data instanceof Uint16Array) return 'uint16';
  if (data instanceof Int8Array) return 'int8';
  return 'uint8';
}

export function toNumber(value: WireInteger | undefined): number {
  return typeof value === 'number' ? value : value === undefined ? 0 : Number(value.toString());
}

function toBigInt(value: WireInteger): bigint {
  return BigInt(value.toString());
}

/** Contents of files that hold weights, by the location that a model names. */
export type ExternalData = ReadonlyMap<string, Uint8Array>;

export function isExternal(wire: WireTensor): boolean {
  return wire.dataLocation === 1 || (wire.externalData?.length ?? 0) > 0;
}

/** Which file holds the values of an external tensor; '' when the model does not say. */
export function externalLocation(wire: WireTensor): string {
  return wire.externalData?.find(({ key }) => key === 'location')?.value ?? '';
}

/** The same tensor with its values in it. */
function inlined(wire: WireTensor, label: string, external: ExternalData): WireTensor {
  const location = externalLocation(wire);
  const contents = external.get(location);
  if (!contents) {
    throw new SafaceError(
      'unsupported',
      `The weights of "${label}" lie in a separate file "${location}", which is not there`,
      'Put it beside the model, or save the model as one file (onnx.save with save_as_external_data=False).',
    );
  }
  const place = (name: string, otherwise: number) => {
    const value = Number(wire.externalData?.find(({ key }) => key === name)?.value ?? otherwise);
    if (Number.isSafeInteger(value) && value >= 0) return value;
    throw new SafaceError(
      'integrity',
      `The ${name} of "${label}" in "${location}" is not a number of bytes`,
      'The file is damaged: copy or export it again.',
    );
  };
  const offset = place('offset', 0);
  const rawData = contents.subarray(offset, offset + place('length', Math.max(0, contents.length - offset)));
  return { ...wire, dataLocation: 0, externalData: [], rawData };
}

/** @throws SafaceError 'integrity' when the data does not fill the shape, 'unsupported' when external data is missing. */
export function decodeTensor(wire: WireTensor, owner: string, external: ExternalData = new Map()): OnnxTensor {
  const name = wire.name ?? '';
  const label = name || owner;
  if (isExternal(wire)) return decodeTensor(inlined(wire, label, external), owner);
  const type = elementTypeOf(wire.dataType ?? 0, label);
  const dims = (wire.dims ?? []).map(toNumber);
  const count = elementCount(dims);
  const data = readData(wire, type, label);
  if (dims.some((dim) => dim < 0) || data.length !== count) {
    throw new SafaceError(
      'integrity',
      `Tensor "${label}" has ${data.length} values for shape [${dims.join(', ')}]`,
      'The file is damaged: copy or export it again.',
    );
  }
  return { name, type, dims, data };
}

function readData(wire: WireTensor, type: OnnxElementType, label: string): OnnxData {
  const ArrayType = elementTable[type].array;
  const raw = wire.rawData;
  if (raw && raw.length > 0) {
    if (raw.length % ArrayType.BYTES_PER_ELEMENT !== 0) {
      throw new SafaceError(
        'integrity',
        `Tensor "${label}" has ${raw.length} bytes of ${type}`,
        'Export the model again.',
      );
    }
    // A copy: the view into the file is seldom aligned, and keeping it would keep the whole file in memory.
    // (Not raw.slice(): on a Buffer that is a view.)
    return new ArrayType(new Uint8Array(raw).buffer, 0, raw.length / ArrayType.BYTES_PER_ELEMENT);
  }
  switch (type) {
    case 'float32':
      return Float32Array.from(wire.floatData ?? []);
    case 'float64':
      return Float64Array.from(wire.doubleData ?? []);
    case 'int64':
      return BigInt64Array.from((wire.int64Data ?? []).map(toBigInt));
    case 'uint64':
      return BigUint64Array.from((wire.uint64Data ?? []).map(toBigInt));
    case 'uint32':
      return Uint32Array.from((wire.uint64Data ?? []).map(toNumber));
    default:
      return elementTable[type].array.from(wire.int32Data ?? []);
  }
}

export function encodeTensor(tensor: OnnxTensor): WireTensor {
  const { data } = tensor;
  return {
    name: tensor.name,
    dataType: elementCode(tensor.type),
    dims: [...tensor.dims],
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}
