export * from './providers.ts';
export * from './session.ts';
export * from './threads.ts';
