'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Archive, Info } from 'lucide-react';
import Link from 'next/link';
import { toast } from 'sonner';
import { useTRPC } from '@/lib/trpc/client';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { Facts } from '../../components/data/facts.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Dialog, DialogContent, DialogTrigger } from '../../components/ui/dialog.tsx';
import { formatDistance } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { prepareProvenance } from './prepare-provenance.ts';
import type { VersionView } from './version-figures.ts';

/** Where a version comes from, down to the last hyper-parameter. */
export function ProvenanceDialog({ version, versions }: { version: VersionView; versions: VersionView[] }) {
  const parent = versions.find(({ id }) => id === version.parentId);
  const { facts, hyperParameters, leftOut } = prepareProvenance(version, parent);
  return (
    <Dialog>
      <DialogTrigger asChild>
        <Button variant="ghost" size="sm" aria-label={`Provenance of ${version.label}`}>
          <Info aria-hidden />
        </Button>
      </DialogTrigger>
      <DialogContent
        title={`Provenance of ${version.label}`}
        description="What it is made of, and how it was judged."
        className="max-w-2xl"
      >
        <div className="grid gap-5 text-[13px]">
          <Facts facts={facts} />
          {version.verdict && <p className="break-words">{version.verdict.reason}</p>}
          {version.budget && ['budget', 'strangers'].includes(version.effective.from) && (
            <p className="break-words">
              Threshold {formatDistance(version.budget.threshold)}{' '}
              {version.budget.alarmsPerWeek === null
                ? 'without a budget of false alarms'
                : `for ${version.budget.alarmsPerWeek} false alarms a week`}
              . {version.budget.explanation}
            </p>
          )}
          {leftOut.length > 0 && (
            <section aria-label="Left out">
              <h3 className="mb-1 font-semibold">Left out before training</h3>
              <Facts facts={leftOut} />
            </section>
          )}
          {hyperParameters.length > 0 && (
            <section aria-label="Hyper-parameters">
              <h3 className="mb-1 font-semibold">Hyper-parameters</h3>
              <Facts facts={hyperParameters} className="font-mono text-xs" />
            </section>
          )}
          <div className="flex flex-wrap gap-3 empty:hidden">
            {version.runId && (
              <Button asChild variant="outline" size="sm">
                <Link href={`/training/${version.runId}`}>Training run</Link>
              </Button>
            )}
            {version.provenance && !version.retired && <RetireButton version={version} />}
          </div>
        </div>
      </DialogContent>
    </Dialog>
  );
}

function RetireButton({ version }: { version: VersionView }) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const may = useMay('version.deploy');
  const retire = useMutation(trpc.versions.retire.mutationOptions());
  if (!may) return null;
  return (
    <ConfirmDialog
      trigger={
        <Button variant="danger" size="sm">
          <Archive aria-hidden />
          Retire
        </Button>
      }
      title={`Retire ${version.label}?`}
      description={`It can never go live again.${version.aliases.includes('champion') ? ' The newest version before it that is not retired takes over within seconds.' : ''}`}
      confirmLabel={`Retire ${version.label}`}
      danger
      reason={{ label: 'Reason', help: 'Kept with the change in the history and the audit log.', required: true }}
      onConfirm={async (reason) => {
        await retire.mutateAsync({ versionId: version.id, reason });
        await Promise.all([
          client.invalidateQueries(trpc.versions.pathFilter()),
          client.invalidateQueries(trpc.scenarios.pathFilter()),
        ]);
        toast.success(`${version.label} is retired`);
      }}
    />
  );
}
