import { ImportPage } from '../../../../../features/models/index.ts';

export default async function Page({ params }: PageProps<'/models/imports/[importId]'>) {
  const { importId } = await params;
  return <ImportPage key={importId} importId={importId} />;
}
