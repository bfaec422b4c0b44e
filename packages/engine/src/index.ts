export * from './faces/index.ts';
export * from './models/index.ts';
export * from './onnx/index.ts';
export * from './runtime/index.ts';
