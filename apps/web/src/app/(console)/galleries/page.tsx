import type { Metadata } from 'next';
import { GalleriesPage } from '../../../features/galleries/index.ts';

export const metadata: Metadata = { title: 'Galleries' };

export default function Page() {
  return <GalleriesPage />;
}
