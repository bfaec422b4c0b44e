export { branchedLike } from './condition-branch.ts';
export * from './cut.ts';
export * from './graph-builder.ts';
export * from './infer.ts';
export * from './model.ts';
export * from './normalize.ts';
export type { Shape } from './shape.ts';
export { elementCount, type OnnxData, type OnnxElementType, type OnnxTensor } from './tensor.ts';
