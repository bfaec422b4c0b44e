export * from './frame-sampler.ts';
export * from './frame-source.ts';
export * from './jpeg.ts';
export type { VideoInfo } from './open-video.ts';
export * from './picture.ts';
export * from './picture-folder.ts';
export * from './video-input.ts';
export * from './video-reader.ts';
export * from './video-writer.ts';
