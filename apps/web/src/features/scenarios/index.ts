export { ScenarioPage } from './scenario-page.tsx';
export { ScenariosPage } from './scenarios-page.tsx';
