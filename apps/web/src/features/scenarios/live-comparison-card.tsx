'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { IntervalChart } from '../../components/charts/interval-chart.tsx';
import type { Interval } from '../../components/charts/prepare-interval-scale.ts';
import { Facts } from '../../components/data/facts.tsx';
import { Ago } from '../../components/data/time.tsx';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Progress } from '../../components/ui/progress.tsx';
import { formatCount, formatGain, formatShare, plural } from '../../lib/format.ts';
import type { VersionView } from './version-figures.ts';

type Live = RouterOutputs['versions']['live'];
type Score = NonNullable<Live['shadow']>['champion'];

const looks: Record<string, { label: string; tone: Tone }> = {
  wait: { label: 'running', tone: 'accent' },
  promote: { label: 'confirmed', tone: 'ok' },
  reject: { label: 'rejected', tone: 'danger' },
  watch: { label: 'watched', tone: 'accent' },
  keep: { label: 'proved in service', tone: 'ok' },
  'roll-back': { label: 'rolled back', tone: 'danger' },
};

/** The candidate in the champion's shadow, and the champion against its parent, on people who come by now. */
export function LiveComparisonCard({ scenarioId, versions }: { scenarioId: string; versions: VersionView[] }) {
  const trpc = useTRPC();
  const live = useQuery(trpc.versions.live.queryOptions({ scenarioId }, { refetchInterval: 5000 }));
  const shadowVersion = versions.find(({ aliases }) => aliases.includes('shadow'));
  if (!live.data || (!shadowVersion && !live.data.watch)) return null;
  const { shadow, watch, wanted } = live.data;
  const label = (id: string) => versions.find((version) => version.id === id)?.label ?? 'a version';
  return (
    <Card>
      <CardHeader
        title="On live tracks"
        description="Measured on the edge on people who come by now, without labels; nothing of it decides who is recognised."
      />
      <CardContent className="grid gap-6 lg:grid-cols-2 *:min-w-0">
        {shadowVersion && (
          <section aria-label="Shadow" className="grid content-start gap-3 text-[13px]">
            <Title
              words={`${shadowVersion.label} in shadow`}
              decision={shadow?.decision ?? 'wait'}
              time={shadow?.time}
            />
            {shadow ? (
              <Shadow
                report={shadow}
                wanted={wanted}
                labels={{ champion: label(shadow.championVersionId), candidate: shadowVersion.label }}
              />
            ) : (
              <p className="text-muted-foreground">It runs beside the champion from the next track on.</p>
            )}
          </section>
        )}
        {watch && (
          <section aria-label="Watch" className="grid content-start gap-3 text-[13px]">
            <Title
              words={`${label(watch.versionId)} against its parent ${label(watch.parentVersionId)}`}
              decision={watch.decision}
              time={watch.time}
            />
            <p className="break-words">{watch.reason}</p>
            <Scores
              name="Champion and parent on live tracks"
              sides={[
                { label: label(watch.parentVersionId), score: watch.parent },
                { label: label(watch.versionId), score: watch.champion },
              ]}
            />
          </section>
        )}
      </CardContent>
    </Card>
  );
}

function Title({ words, decision, time }: { words: string; decision: string; time: number | undefined }) {
  const look = looks[decision];
  return (
    <h3 className="flex flex-wrap items-center gap-2 font-semibold">
      {words}
      {look && <Badge tone={look.tone}>{look.label}</Badge>}
      {time !== undefined && (
        <span className="font-normal text-muted-foreground">
          <Ago time={time} />
        </span>
      )}
    </h3>
  );
}

function Shadow({
  report: { agreement, reason, decision, gain, champion, candidate },
  wanted,
  labels,
}: {
  report: NonNullable<Live['shadow']>;
  wanted: number;
  labels: { champion: string; candidate: string };
}) {
  return (
    <>
      {decision === 'wait' && wanted > 0 && (
        <Progress value={Math.min(1, agreement.tracks / wanted)} label="Tracks seen in shadow" />
      )}
      <p className="break-words">{reason}</p>
      <Facts
        facts={[
          { term: 'Tracks', value: `${formatCount(agreement.tracks)} of at least ${formatCount(wanted)}` },
          {
            term: 'Same answer',
            value: `${formatCount(agreement.same)} (${formatShare(agreement.share, 0)})`,
          },
          {
            term: 'Other answer',
            value: `${plural(agreement.gained, 'name')} gained, ${agreement.lost} lost, ${agreement.otherName} another name`,
          },
          ...(gain
            ? [{ term: 'Gain', value: `${formatGain(gain.mean)} [${formatGain(gain.low)}, ${formatGain(gain.high)}]` }]
            : []),
        ]}
      />
      <Scores
        name="Champion and candidate on live tracks"
        sides={[
          { label: labels.champion, score: champion },
          { label: labels.candidate, score: candidate },
        ]}
      />
    </>
  );
}

function Scores({ name, sides }: { name: string; sides: { label: string; score: Score }[] }) {
  const intervals: Interval[] = sides.flatMap(({ label, score }) =>
    score ? [{ label, value: score.accuracy, low: score.low, high: score.high }] : [],
  );
  return intervals.length > 0 ? <IntervalChart label={name} intervals={intervals} /> : null;
}
