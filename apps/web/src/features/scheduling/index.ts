export { SchedulingPage } from './scheduling-page.tsx';
