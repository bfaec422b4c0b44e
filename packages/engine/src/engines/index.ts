export * from './engine.ts';
export * from './open-engine.ts';
export { automaticProviders, type ProbeProvider, type ProbeResult, probeProvider } from './probe.ts';
