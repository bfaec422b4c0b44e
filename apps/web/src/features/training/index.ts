export { RunPage } from './run-page.tsx';
export { TrainingPage } from './training-page.tsx';
