'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { QueryState } from '../../components/data/states.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Slider } from '../../components/ui/slider.tsx';
import { formatCount, formatDateTime, formatDistance, formatShare, plural } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { DistanceChart } from './distance-chart.tsx';
import { prepareDistances, sharesAt } from './prepare-distances.ts';
import type { VersionView } from './version-figures.ts';

type Scenario = RouterOutputs['scenarios']['get'];
type Distances = RouterOutputs['versions']['distances'];

/** Fewer tracks say nothing about a threshold. */
const LEAST_TRACKS = 10;

const origins: Record<VersionView['effective']['from'], string> = {
  operator: 'set by hand',
  budget: 'placed for the budget of false alarms',
  strangers: 'placed by the edge from how near second persons come',
  version: "the version's own",
  'base-model': "the base model's own",
};

/** How near enrolled people come to those who pass, and what another threshold would make of that. */
export function DistanceCard({ scenario, champion }: { scenario: Scenario; champion: VersionView }) {
  const trpc = useTRPC();
  const distances = useQuery(
    trpc.versions.distances.queryOptions({ versionId: champion.id }, { refetchInterval: 15_000 }),
  );
  const { threshold, from } = champion.effective;
  return (
    <Card>
      <CardHeader
        title="How near people come"
        description={`Distances of the newest tracks under ${champion.label}. A track is named within ${formatDistance(threshold)}, ${origins[from]}.`}
      />
      <CardContent>
        <QueryState
          query={distances}
          isEmpty={({ tracks }) => tracks.length < LEAST_TRACKS}
          empty={
            <p className="text-[13px] text-muted-foreground">
              Shown once {LEAST_TRACKS} people have passed under {champion.label} while somebody is enrolled.
            </p>
          }
        >
          {(data) => <Explorer key={champion.id} distances={data} scenario={scenario} champion={champion} />}
        </QueryState>
      </CardContent>
    </Card>
  );
}

function Explorer({
  distances: { tracks, since },
  scenario,
  champion,
}: {
  distances: Distances;
  scenario: Scenario;
  champion: VersionView;
}) {
  const mayChange = useMay('policy.write');
  const { threshold } = champion.effective;
  const { margin } = scenario.decision;
  const [tried, setTried] = useState<number | null>(null);
  const { to, step, bins } = prepareDistances(tracks, threshold);
  const at = Math.min(tried ?? threshold, to);
  const now = sharesAt(tracks, { threshold, margin });
  const then = sharesAt(tracks, { threshold: at, margin });
  return (
    <div className="grid gap-4">
      <DistanceChart bins={bins} to={to} threshold={threshold} tried={tried === null ? null : at} />
      <div className="grid gap-1.5">
        <span className="flex items-baseline justify-between text-[13px] font-medium">
          Try a threshold <span className="tabular">{formatDistance(at)}</span>
        </span>
        {/* Under the chart's own scale: its left axis and right border. */}
        <span className="flex h-9 items-center pr-2.5 pl-9">
          <Slider
            aria-label="Try a threshold"
            min={step}
            max={to}
            step={step}
            value={[at]}
            onValueChange={([value]) => setTried(value)}
          />
        </span>
      </div>
      <p className="text-[13px]" aria-live="polite">
        Of {plural(tracks.length, 'track')}
        {since !== null && ` since ${formatDateTime(since)}`},{' '}
        <b className="tabular font-semibold">{formatShare(then.named, 0)}</b>{' '}
        {tried === null ? 'are named' : `would be named (${formatShare(now.named, 0)} are)`}
        {then.ambiguous > 0 && `, ${formatShare(then.ambiguous, 0)} have two people too near each other`}.{' '}
        {then.seconds === 0
          ? 'Enrol a second person to see how near somebody else comes.'
          : `In ${formatShare(then.secondWithin, 1)} of the ${formatCount(then.seconds)} with a second person, that one, who is somebody else, comes within it: a measure of how often strangers are named.`}
      </p>
      {mayChange && tried !== null && (
        <div className="flex flex-wrap gap-2">
          <UseThreshold scenario={scenario} champion={champion} threshold={at} onDone={() => setTried(null)} />
          <Button variant="ghost" onClick={() => setTried(null)}>
            Back to {formatDistance(threshold)}
          </Button>
        </div>
      )}
    </div>
  );
}

function UseThreshold({
  scenario,
  champion,
  threshold,
  onDone,
}: {
  scenario: Scenario;
  champion: VersionView;
  threshold: number;
  onDone: () => void;
}) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const update = useMutation(trpc.scenarios.update.mutationOptions());
  // The versions and the scenario are asked for separately, and the scale must be that of the version that was looked at.
  const matches = (of: Scenario) => of.aliases.champion?.id === champion.id;
  // Kept as a distance under the base model, so that it means the same under every version.
  const own = Number((threshold / scenario.distanceScale).toPrecision(4));
  return (
    <ConfirmDialog
      trigger={
        <Button variant="outline" disabled={!matches(scenario)}>
          Decide with {formatDistance(threshold)}
        </Button>
      }
      title={`Decide with ${formatDistance(threshold)}?`}
      description={`It becomes the scenario's own distance threshold (${own} under the base model), before any budget, until the field in the policies is emptied. The edge applies it within seconds.`}
      confirmLabel="Use it"
      onConfirm={async () => {
        // As it is now: whatever else somebody has changed meanwhile stays.
        const query = trpc.scenarios.get.queryOptions({ id: scenario.id }, { staleTime: 0 });
        const fresh = await client.fetchQuery(query);
        if (!matches(fresh)) throw new Error(`${champion.label} is no longer the champion: close this and look again`);
        const { id, baseModel, galleries, decision, learning } = fresh;
        await update.mutateAsync({
          id,
          baseModelId: baseModel.id,
          galleryIds: galleries.map((gallery) => gallery.id),
          decision: { ...decision, threshold: own },
          learning,
        });
        await Promise.all([
          client.invalidateQueries(trpc.scenarios.pathFilter()),
          client.invalidateQueries(trpc.versions.pathFilter()),
        ]);
        toast.success(`${champion.label} decides with ${formatDistance(threshold)}`);
        onDone();
      }}
    />
  );
}
