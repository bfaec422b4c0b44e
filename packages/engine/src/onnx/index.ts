export * from './graph-builder.ts';
export * from './model.ts';
export { elementCount, type OnnxData, type OnnxElementType, type OnnxTensor } from './tensor.ts';
