import { RunPage } from '../../../../features/training/index.ts';

export default async function Page({ params }: PageProps<'/training/[runId]'>) {
  const { runId } = await params;
  return <RunPage key={runId} runId={runId} />;
}
