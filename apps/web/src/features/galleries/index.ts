export { GalleriesPage } from './galleries-page.tsx';
export { GalleryPage } from './gallery-page.tsx';
