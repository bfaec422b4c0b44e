'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { UserRoundX } from 'lucide-react';
import { useId, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { ConfirmDialog } from '../../components/data/confirm-dialog.tsx';
import { CopyButton } from '../../components/data/copy-button.tsx';
import { Facts } from '../../components/data/facts.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardContent, CardHeader } from '../../components/ui/card.tsx';
import { Checkbox } from '../../components/ui/checkbox.tsx';
import { formatCount, formatDateTime, MISSING } from '../../lib/format.ts';
import type { Leave } from '../../lib/use-leaving.ts';

export type Receipt = RouterOutputs['identities']['erase'];

interface EraseProps {
  identity: {
    id: string;
    name: string;
    versions: { id: string; label: string; scenarioName: string; retired: boolean }[];
  };
  leave: Leave;
  onErased: (receipt: Receipt) => void;
}

export function EraseIdentity({ identity, leave, onErased }: EraseProps) {
  const trpc = useTRPC();
  const client = useQueryClient();
  const erase = useMutation(trpc.identities.erase.mutationOptions());
  const [retireVersions, setRetireVersions] = useState(true);
  const checkId = useId();
  const learnt = identity.versions.filter(({ retired }) => !retired);
  return (
    <ConfirmDialog
      trigger={
        <Button variant="danger">
          <UserRoundX aria-hidden />
          Erase
        </Button>
      }
      title={`Erase ${identity.name}?`}
      description="Pictures, face crops, templates and the links from events are deleted here and on every edge. This cannot be undone. You get a receipt."
      confirmLabel="Erase for good"
      danger
      typed={identity.name}
      reason={{
        label: 'Reason',
        help: 'For instance “Consent withdrawn on 23 November”. It is kept in the audit log.',
        required: true,
      }}
      onConfirm={async (reason) => {
        const receipt = await leave(() =>
          erase.mutateAsync({ id: identity.id, reason, retireVersions: retireVersions && learnt.length > 0 }),
        );
        onErased(receipt);
        // Nothing that named or pictured the person stays in this browser, not even until it is asked for again.
        void client.resetQueries();
      }}
    >
      {learnt.length > 0 && (
        <div className="grid gap-2 rounded-md border border-warn/30 bg-warn/9 px-3 py-2 text-[13px]">
          <p className="break-words">
            Tracks of this person taught {learnt.map((v) => `${v.label} (${v.scenarioName})`).join(', ')}, versions
            built on others included. What was learnt cannot be unlearnt, but a retired version never decides again.
          </p>
          <span className="flex items-center gap-2">
            <Checkbox
              id={checkId}
              checked={retireVersions}
              onCheckedChange={(checked) => setRetireVersions(checked === true)}
            />
            <label htmlFor={checkId}>
              Retire {learnt.length === 1 ? 'this version' : `these ${learnt.length} versions`}
            </label>
          </span>
        </div>
      )}
    </ConfirmDialog>
  );
}

export function ReceiptCard({ receipt }: { receipt: Receipt }) {
  const versions = receipt.versions
    .map((v) => `${v.label} (${v.scenarioName}${v.retired ? ', retired' : ''})`)
    .join(', ');
  return (
    <Card>
      <CardHeader
        title="Erasure receipt"
        description="Keep the number: it proves the erasure without naming the person."
        actions={<CopyButton text={receipt.id} label="Copy number" />}
      />
      <CardContent>
        <Facts
          facts={[
            { term: 'Number', value: <code className="font-mono break-all">{receipt.id}</code> },
            { term: 'Erased', value: `${formatDateTime(receipt.erasedAt)} by ${receipt.requestedBy}` },
            { term: 'Reason', value: receipt.reason },
            { term: 'Pictures', value: formatCount(receipt.pictures) },
            { term: 'Face crops', value: formatCount(receipt.crops) },
            { term: 'Templates', value: formatCount(receipt.templates) },
            { term: 'Events unlinked', value: formatCount(receipt.events) },
            { term: 'Triplet pictures', value: formatCount(receipt.triplets) },
            { term: 'Edges told', value: receipt.edgesNotified.map((e) => e.name).join(', ') || MISSING },
            ...(receipt.edgesWaiting.length > 0
              ? [{ term: 'Not yet deleted on', value: receipt.edgesWaiting.map((e) => e.name).join(', ') }]
              : []),
            { term: 'Versions taught', value: versions || 'none' },
          ]}
        />
      </CardContent>
    </Card>
  );
}
