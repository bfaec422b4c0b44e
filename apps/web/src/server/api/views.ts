// What the UI is given, by area. All times are Unix epoch milliseconds.
export * from './views/audit.ts';
export * from './views/common.ts';
export * from './views/events.ts';
export * from './views/identities.ts';
export * from './views/models.ts';
export * from './views/sites.ts';
export * from './views/training.ts';
export * from './views/versions.ts';
