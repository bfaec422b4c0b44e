import { GalleryPage } from '../../../../features/galleries/index.ts';

export default async function Page({ params }: PageProps<'/galleries/[galleryId]'>) {
  const { galleryId } = await params;
  return <GalleryPage key={galleryId} galleryId={galleryId} />;
}
