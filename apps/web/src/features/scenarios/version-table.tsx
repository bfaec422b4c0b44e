'use client';

import { CornerDownRight } from 'lucide-react';
import Link from 'next/link';
import { Badge } from '../../components/ui/badge.tsx';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../../components/ui/table.tsx';
import { formatCount, formatDateTime, formatDistance, formatGain, formatShare } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { AliasBadges } from './alias-badges.tsx';
import { PromoteButton } from './deploy-buttons.tsx';
import { prepareLineage } from './prepare-lineage.ts';
import { ProvenanceDialog } from './provenance-dialog.tsx';
import { gateAccuracy, type VersionView, withAlias } from './version-figures.ts';

/** The family tree of a scenario's versions, children indented under what they were trained from. */
export function VersionTable({ versions }: { versions: VersionView[] }) {
  const canDeploy = useMay('version.deploy');
  const champion = withAlias(versions, 'champion');
  return (
    <Table stack aria-label="Versions">
      <TableHeader>
        <TableRow className="hover:bg-transparent">
          <TableHead>Version</TableHead>
          <TableHead>Created</TableHead>
          <TableHead>Gate</TableHead>
          <TableHead className="text-right">Accuracy at the gate</TableHead>
          <TableHead className="text-right">Gain</TableHead>
          <TableHead className="text-right">Threshold</TableHead>
          <TableHead className="text-right">Events</TableHead>
          <TableHead>
            <span className="sr-only">Actions</span>
          </TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {prepareLineage(versions).map(({ version, depth }) => (
          <TableRow key={version.id}>
            <TableCell label="Version" className="md:whitespace-nowrap">
              <span
                className="inline-flex min-w-0 items-center gap-1.5 max-md:flex-wrap"
                style={{ paddingLeft: `${Math.min(depth, 6) * 0.9}rem` }}
              >
                {depth > 0 && <CornerDownRight className="size-3.5 shrink-0 text-muted-foreground" aria-hidden />}
                <span className="font-medium">{version.label}</span>
                <AliasBadges aliases={version.aliases} />
                {version.retired && (
                  <Badge tone="warn" title={`${version.retired.reason} (${version.retired.by})`}>
                    retired
                  </Badge>
                )}
                {!version.applies && (
                  <Badge title={`Learnt on ${version.baseModel.name}; move the scenario back to it first`}>
                    other base
                  </Badge>
                )}
              </span>
            </TableCell>
            <TableCell label="Created" className="whitespace-nowrap text-muted-foreground">
              {formatDateTime(version.createdAt)}
            </TableCell>
            <TableCell label="Gate" className="max-w-80">
              {version.verdict ? (
                <span className="line-clamp-2 max-md:text-right" title={version.verdict.reason}>
                  <b className={version.verdict.passed ? 'font-medium text-ok' : 'font-medium text-warn'}>
                    {version.verdict.passed ? 'Passed' : 'Held back'}
                  </b>{' '}
                  <span className="text-muted-foreground">{version.verdict.reason}</span>
                </span>
              ) : (
                <span className="break-words text-muted-foreground">base model {version.baseModel.name}</span>
              )}
            </TableCell>
            <TableCell label="Accuracy at the gate" className="text-right whitespace-nowrap">
              {formatShare(gateAccuracy(version))}
            </TableCell>
            <TableCell label="Gain" className="text-right whitespace-nowrap">
              {formatGain(version.verdict?.gain?.mean)}
            </TableCell>
            <TableCell label="Threshold" className="text-right whitespace-nowrap">
              <Threshold version={version} />
            </TableCell>
            <TableCell label="Events" className="text-right whitespace-nowrap">
              <Link
                href={`/events?scenarioId=${encodeURIComponent(version.scenarioId)}&versionId=${encodeURIComponent(version.id)}`}
                className="underline-offset-4 hover:underline"
              >
                {formatCount(version.events)}
              </Link>
            </TableCell>
            <TableCell className="text-right whitespace-nowrap">
              <span className="inline-flex items-center justify-end gap-2">
                {version.runId && (
                  <Link
                    href={`/training/${version.runId}`}
                    className="text-primary underline-offset-4 hover:underline"
                    aria-label={`Training run of ${version.label}`}
                  >
                    Run
                  </Link>
                )}
                <ProvenanceDialog version={version} versions={versions} />
                {canDeploy && version.applies && !version.retired && version.id !== champion?.id && (
                  <PromoteButton version={version} champion={champion} />
                )}
              </span>
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function Threshold({ version: { effective, budget } }: { version: VersionView }) {
  const placed = effective.from === 'budget' || effective.from === 'strangers' ? budget : null;
  const note = effective.from === 'operator' ? 'set by hand' : placed?.certainty;
  return (
    <span title={placed?.explanation}>
      {formatDistance(effective.threshold)}
      {note && <span className="block text-xs text-muted-foreground">{note}</span>}
    </span>
  );
}
