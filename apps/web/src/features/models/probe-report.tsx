import type { ModelProbe, RecogniserImportReport } from '@saface/core/models/import-report';
import { Facts } from '../../components/data/facts.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { formatShare } from '../../lib/format.ts';

/** What the import found in the file, and what it had to find out by trying. */
export function ProbeReport({ report: { spec, probes, notes, doubt } }: { report: RecogniserImportReport }) {
  return (
    <Card>
      <CardHeader
        title="What was found"
        description="Read from the file, and tried on sample faces where it does not say."
      />
      <CardContent className="grid gap-5 lg:grid-cols-2 *:min-w-0">
        {doubt !== null && (
          <p
            role="alert"
            className="rounded-md border border-warn/30 bg-warn/9 px-3 py-2 text-[13px] font-medium break-words lg:col-span-2"
          >
            {doubt}
          </p>
        )}
        <Facts
          className="content-start"
          facts={[
            { term: 'Input', value: `${spec.input.size} × ${spec.input.size} pixels` },
            { term: 'Embedding', value: `${spec.dimension} numbers, compared by ${spec.metric} distance` },
            { term: 'Channels', value: spec.input.channels.toUpperCase() },
            { term: 'Mean', value: spec.input.mean.join(', ') },
            { term: 'Scale', value: spec.input.scale.map((value) => value.toPrecision(4)).join(', ') },
          ]}
        />
        {probes.length > 0 && (
          <ul aria-label="Tried out" className="grid content-start gap-3 text-[13px]">
            {probes.map((probe) => (
              <li key={probe.subject}>
                <p className="flex flex-wrap items-center gap-2">
                  <b className="font-medium">{probe.subject}</b>
                  <span>{probe.chosen}</span>
                  <Confidence probe={probe} doubted={doubt !== null} />
                </p>
                <p className="break-words text-muted-foreground">{probe.detail}</p>
              </li>
            ))}
          </ul>
        )}
        {notes.length > 0 && (
          <ul aria-label="Notes" className="list-disc pl-4 text-[13px] text-muted-foreground lg:col-span-2">
            {notes.map((note) => (
              <li key={note} className="break-words">
                {note}
              </li>
            ))}
          </ul>
        )}
      </CardContent>
    </Card>
  );
}

function Confidence({ probe: { confidence }, doubted }: { probe: ModelProbe; doubted: boolean }) {
  // The best way to feed what recognises nobody is sure of nothing.
  if (doubted) return <Badge>best of those tried</Badge>;
  const tone = confidence >= 0.8 ? 'ok' : confidence >= 0.5 ? 'warn' : 'danger';
  const words = confidence >= 0.8 ? 'sure' : confidence >= 0.5 ? 'likely' : 'a guess';
  return (
    <Badge tone={tone}>
      {words}, {formatShare(confidence, 0)}
    </Badge>
  );
}
