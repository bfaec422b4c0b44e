export { CameraPage } from './camera-page.tsx';
export { LivePage } from './live-page.tsx';
