export * from './errors.ts';
export * from './geometry.ts';
export * from './image.ts';
export * from './ports.ts';
export * from './probe.ts';
export * from './wire.ts';
