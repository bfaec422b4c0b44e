import protobuf from 'protobufjs';

/**
 * The part of `onnx.proto3` that a single-file inference model uses, as a protobufjs reflection tree.
 * Field numbers are the wire format's; fields left out here (documentation, training info, sparse tensors) are skipped on decode.
 */
const schema: protobuf.INamespace = {
  nested: {
    onnx: {
      nested: {
        ModelProto: {
          fields: {
            irVersion: { id: 1, type: 'int64' },
            producerName: { id: 2, type: 'string' },
            producerVersion: { id: 3, type: 'string' },
            graph: { id: 7, type: 'GraphProto' },
            opsetImport: { id: 8, rule: 'repeated', type: 'OperatorSetIdProto' },
            metadataProps: { id: 14, rule: 'repeated', type: 'StringStringEntryProto' },
            functions: { id: 25, rule: 'repeated', type: 'bytes' },
          },
        },
        OperatorSetIdProto: { fields: { domain: { id: 1, type: 'string' }, version: { id: 2, type: 'int64' } } },
        StringStringEntryProto: { fields: { key: { id: 1, type: 'string' }, value: { id: 2, type: 'string' } } },
        GraphProto: {
          fields: {
            node: { id: 1, rule: 'repeated', type: 'NodeProto' },
            name: { id: 2, type: 'string' },
            initializer: { id: 5, rule: 'repeated', type: 'TensorProto' },
            input: { id: 11, rule: 'repeated', type: 'ValueInfoProto' },
            output: { id: 12, rule: 'repeated', type: 'ValueInfoProto' },
            valueInfo: { id: 13, rule: 'repeated', type: 'ValueInfoProto' },
            sparseInitializer: { id: 15, rule: 'repeated', type: 'bytes' },
          },
        },
        NodeProto: {
          fields: {
            input: { id: 1, rule: 'repeated', type: 'string' },
            output: { id: 2, rule: 'repeated', type: 'string' },
            name: { id: 3, type: 'string' },
            opType: { id: 4, type: 'string' },
            attribute: { id: 5, rule: 'repeated', type: 'AttributeProto' },
            domain: { id: 7, type: 'string' },
          },
        },
        AttributeProto: {
          fields: {
            name: { id: 1, type: 'string' },
            f: { id: 2, type: 'float' },
            i: { id: 3, type: 'int64' },
            s: { id: 4, type: 'bytes' },
            t: { id: 5, type: 'TensorProto' },
            g: { id: 6, type: 'GraphProto' },
            floats: { id: 7, rule: 'repeated', type: 'float' },
            ints: { id: 8, rule: 'repeated', type: 'int64' },
            strings: { id: 9, rule: 'repeated', type: 'bytes' },
            type: { id: 20, type: 'int32' },
          },
        },
        TensorProto: {
          fields: {
            dims: { id: 1, rule: 'repeated', type: 'int64' },
            dataType: { id: 2, type: 'int32' },
            floatData: { id: 4, rule: 'repeated', type: 'float' },
            int32Data: { id: 5, rule: 'repeated', type: 'int32' },
            int64Data: { id: 7, rule: 'repeated', type: 'int64' },
            name: { id: 8, type: 'string' },
            rawData: { id: 9, type: 'bytes' },
            doubleData: { id: 10, rule: 'repeated', type: 'double' },
            uint64Data: { id: 11, rule: 'repeated', type: 'uint64' },
            externalData: { id: 13, rule: 'repeated', type: 'StringStringEntryProto' },
            dataLocation: { id: 14, type: 'int32' },
          },
        },
        ValueInfoProto: { fields: { name: { id: 1, type: 'string' }, type: { id: 2, type: 'TypeProto' } } },
        TypeProto: { fields: { tensorType: { id: 1, type: 'TensorTypeProto' } } },
        TensorTypeProto: { fields: { elemType: { id: 1, type: 'int32' }, shape: { id: 2, type: 'TensorShapeProto' } } },
        TensorShapeProto: { fields: { dim: { id: 1, rule: 'repeated', type: 'DimensionProto' } } },
        DimensionProto: {
          oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
          fields: { dimValue: { id: 1, type: 'int64' }, dimParam: { id: 2, type: 'string' } },
        },
      },
    },
  },
};

/** An int64 on the wire: protobufjs yields a `Long` for it. */
export type WireInteger = number | { toString(): string };

export interface WireEntry {
  key: string;
  value: string;
}
export interface WireTensor {
  dims?: WireInteger[];
  dataType?: number;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: WireInteger[];
  name?: string;
  rawData?: Uint8Array;
  doubleData?: number[];
  uint64Data?: WireInteger[];
  externalData?: WireEntry[];
  dataLocation?: number;
}
export interface WireDimension {
  dimValue?: WireInteger;
  dimParam?: string;
  value?: 'dimValue' | 'dimParam';
}
export interface WireValueInfo {
  name?: string;
  type?: { tensorType?: { elemType?: number; shape?: { dim?: WireDimension[] } | null } | null } | null;
}
export interface WireAttribute {
  name?: string;
  f?: number;
  i?: WireInteger;
  s?: Uint8Array;
  t?: WireTensor | null;
  g?: WireGraph | null;
  floats?: number[];
  ints?: WireInteger[];
  strings?: Uint8Array[];
  type?: number;
}
export interface WireNode {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  attribute?: WireAttribute[];
  domain?: string;
}
export interface WireGraph {
  node?: WireNode[];
  name?: string;
  initializer?: WireTensor[];
  input?: WireValueInfo[];
  output?: WireValueInfo[];
  valueInfo?: WireValueInfo[];
  sparseInitializer?: Uint8Array[];
}
export interface WireModel {
  irVersion?: WireInteger;
  producerName?: string;
  producerVersion?: string;
  graph?: WireGraph | null;
  opsetImport?: { domain?: string; version?: WireInteger }[];
  metadataProps?: WireEntry[];
  functions?: Uint8Array[];
}

const modelType = protobuf.Root.fromJSON(schema).lookupType('onnx.ModelProto');

/** Parses protobuf bytes; throws protobufjs' own RangeError/Error on bytes that are not a ModelProto. */
export function decodeWire(bytes: Uint8Array): WireModel {
  return modelType.decode(bytes) as unknown as WireModel;
}

/** Serialises to protobuf bytes. */
export function encodeWire(model: WireModel): Uint8Array {
  return modelType.encode(modelType.create(model)).finish();
}
