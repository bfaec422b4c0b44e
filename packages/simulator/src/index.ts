export * from './bench-render.ts';
export * from './enrolment.ts';
export { createPopulation, type Person } from './person.ts';
export { type RenderOptions, renderScene } from './render-pool.ts';
export * from './scenario-video.ts';
export { type ScenarioName, scenarioNames } from './scenarios.ts';
export * from './source.ts';
export { castOf, type SceneSpec, Stage, type StagedFrame, type TruthFace } from './stage.ts';
export * from './truth.ts';
