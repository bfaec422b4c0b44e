import { PretrainingPage } from '../../../../../features/models/index.ts';

export default async function Page({ params }: PageProps<'/models/pretraining/[pretrainingId]'>) {
  const { pretrainingId } = await params;
  return <PretrainingPage key={pretrainingId} pretrainingId={pretrainingId} />;
}
