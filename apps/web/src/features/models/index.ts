export { ImportPage } from './import-page.tsx';
export { ModelsPage } from './models-page.tsx';
export { PretrainingPage } from './pretraining-page.tsx';
