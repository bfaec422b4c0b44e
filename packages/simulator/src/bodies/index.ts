export * from './crop.ts';
export { createPedestrians, type Pedestrian } from './pedestrian.ts';
export { castOfYard, type TruthBody, Yard, type YardSpec } from './yard.ts';
export * from './yard-video.ts';
