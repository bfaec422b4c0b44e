import { ScenarioPage } from '../../../../features/scenarios/index.ts';

export default async function Page({ params }: PageProps<'/scenarios/[scenarioId]'>) {
  const { scenarioId } = await params;
  return <ScenarioPage key={scenarioId} scenarioId={scenarioId} />;
}
