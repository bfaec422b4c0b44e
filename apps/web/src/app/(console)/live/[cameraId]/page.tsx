import { CameraPage } from '../../../../features/live/index.ts';

export default async function Page({ params }: PageProps<'/live/[cameraId]'>) {
  const { cameraId } = await params;
  return <CameraPage key={cameraId} cameraId={cameraId} />;
}
