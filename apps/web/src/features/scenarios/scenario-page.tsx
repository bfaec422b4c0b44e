'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { Play } from 'lucide-react';
import Link from 'next/link';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { PageHeader } from '../../components/data/page-header.tsx';
import { QueryState, RowsSkeleton } from '../../components/data/states.tsx';
import { Crumbs } from '../../components/shell/breadcrumbs.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { errorText } from '../../lib/error-text.ts';
import { type Leave, useLeaving } from '../../lib/use-leaving.ts';
import { useMay } from '../session/index.ts';
import { CompareAny } from './compare-any.tsx';
import { ComparisonBody } from './comparison-card.tsx';
import { RollbackButton } from './deploy-buttons.tsx';
import { DistanceCard } from './distance-card.tsx';
import { FeatureCache } from './feature-cache.tsx';
import { History } from './history.tsx';
import { LiveComparisonCard } from './live-comparison-card.tsx';
import { MoveScenario } from './move-scenario.tsx';
import { ScenarioActions } from './scenario-actions.tsx';
import { ScenarioSettings } from './scenario-settings.tsx';
import { ServedBy } from './served-by.tsx';
import { baseOf, withAlias } from './version-figures.ts';
import { VersionTable } from './version-table.tsx';

type Scenario = RouterOutputs['scenarios']['get'];

export function ScenarioPage({ scenarioId }: { scenarioId: string }) {
  const trpc = useTRPC();
  const { leaving, leave } = useLeaving();
  const scenario = useQuery(
    trpc.scenarios.get.queryOptions({ id: scenarioId }, { refetchInterval: 5000, enabled: !leaving }),
  );
  return (
    <QueryState query={scenario}>
      {(data) => (
        <>
          <Heading scenario={data} leave={leave} />
          {leaving ? <RowsSkeleton /> : <Details scenario={data} />}
        </>
      )}
    </QueryState>
  );
}

function Heading({ scenario, leave }: { scenario: Scenario; leave: Leave }) {
  const { champion, previous } = scenario.aliases;
  const canDeploy = useMay('version.deploy');
  return (
    <>
      <Crumbs trail={[{ label: scenario.name }]} />
      <PageHeader
        title={
          <>
            <span className="min-w-0 break-words">{scenario.name}</span>
            {champion && <Badge tone="ok">champion {champion.label}</Badge>}
          </>
        }
        description={`${scenario.site.name} · base model ${scenario.baseModel.name} · ${scenario.cameras.map((c) => c.name).join(', ') || 'no camera yet'}`}
        actions={
          <>
            <TrainNow scenarioId={scenario.id} />
            <Button asChild variant="outline">
              <Link href={`/training?scenarioId=${encodeURIComponent(scenario.id)}`}>Training runs</Link>
            </Button>
            {canDeploy && champion && previous && champion.id !== previous.id && (
              <RollbackButton scenarioId={scenario.id} from={champion} to={previous} />
            )}
            <ScenarioActions scenario={scenario} leave={leave} />
          </>
        }
      />
    </>
  );
}

function Details({ scenario }: { scenario: Scenario }) {
  const trpc = useTRPC();
  const versions = useQuery(trpc.versions.list.queryOptions({ scenarioId: scenario.id }, { refetchInterval: 5000 }));
  return (
    <>
      <ServedBy scenarioId={scenario.id} />
      {scenario.learning.enabled && <FeatureCache scenarioId={scenario.id} maxProbes={scenario.learning.maxProbes} />}
      <QueryState query={versions}>
        {({ versions: list, deployments }) => {
          const base = baseOf(list);
          const now = withAlias(list, 'champion');
          return (
            <>
              <Card>
                <CardHeader
                  title="Before and after"
                  description={
                    base && now && base.id !== now.id
                      ? `The base model against ${now.label}, which is in use.`
                      : 'The base model is in use: nothing learnt is live yet.'
                  }
                />
                {base && now && base.id !== now.id && <ComparisonBody a={base.id} b={now.id} />}
              </Card>
              <LiveComparisonCard scenarioId={scenario.id} versions={list} />
              {now && <DistanceCard scenario={scenario} champion={now} />}
              <Card>
                <CardHeader title="Versions" description="Each version stands under the one it was trained from." />
                <VersionTable versions={list} />
              </Card>
              {list.length > 1 && <CompareAny versions={list} />}
              <MoveScenario scenario={scenario} learnt={list.filter((v) => v.applies && v.provenance).length} />
              <Card>
                <CardHeader title="Changes" description="Who changed which version decides, when and why." />
                <History deployments={deployments} />
              </Card>
            </>
          );
        }}
      </QueryState>
      <Card id="policies">
        <CardHeader title="Policies" description="How this scenario decides and learns." />
        <CardContent>
          {/* Anew after a move: what the form holds is of the base model that it was opened on. */}
          <ScenarioSettings key={`${scenario.id} ${scenario.baseModel.id}`} scenario={scenario} />
        </CardContent>
      </Card>
    </>
  );
}

function TrainNow({ scenarioId }: { scenarioId: string }) {
  const trpc = useTRPC();
  const may = useMay('training.control');
  const train = useMutation(
    trpc.training.now.mutationOptions({
      onSuccess: ({ commands }) =>
        toast.success(commands > 0 ? 'The edge has been told to train' : 'No edge serves this scenario'),
      onError: (error) => toast.error(error.message, { description: errorText(error).remedy ?? undefined }),
    }),
  );
  if (!may) return null;
  return (
    <Button variant="outline" pending={train.isPending} onClick={() => train.mutate({ scenarioId })}>
      <Play aria-hidden />
      Train now
    </Button>
  );
}
