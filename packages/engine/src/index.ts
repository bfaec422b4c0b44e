export * from './bench/inference-bench.ts';
export * from './bench/training-bench.ts';
export * from './engines/index.ts';
export * from './faces/index.ts';
export * from './models/index.ts';
export * from './onnx/index.ts';
export * from './runtime/index.ts';
export * from './training/index.ts';
