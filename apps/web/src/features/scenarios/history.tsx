import type { RouterOutputs } from '@/lib/trpc/types';
import { Badge, type Tone } from '../../components/ui/badge.tsx';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '../../components/ui/table.tsx';
import { formatDateTime, MISSING } from '../../lib/format.ts';

type Deployment = RouterOutputs['versions']['list']['deployments'][number];

const kinds: Record<Deployment['kind'], { label: string; tone: Tone }> = {
  initial: { label: 'Start', tone: 'neutral' },
  promote: { label: 'Promoted', tone: 'ok' },
  auto: { label: 'Promoted itself', tone: 'accent' },
  rebase: { label: 'Other base model', tone: 'accent' },
  rollback: { label: 'Rolled back', tone: 'warn' },
  watch: { label: 'Rolled back by itself', tone: 'danger' },
  retire: { label: 'Retired', tone: 'warn' },
};

export function History({ deployments }: { deployments: Deployment[] }) {
  return (
    <Table stack aria-label="Changes">
      <TableHeader>
        <TableRow className="hover:bg-transparent">
          <TableHead>When</TableHead>
          <TableHead>What</TableHead>
          <TableHead>From</TableHead>
          <TableHead>To</TableHead>
          <TableHead>Who</TableHead>
          <TableHead>Why</TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {deployments.map((d) => (
          <TableRow key={d.id}>
            <TableCell label="When" className="whitespace-nowrap text-muted-foreground">
              {formatDateTime(d.at)}
            </TableCell>
            <TableCell label="What">
              <Badge tone={kinds[d.kind].tone}>{kinds[d.kind].label}</Badge>
            </TableCell>
            <TableCell label="From">{d.from?.label ?? MISSING}</TableCell>
            <TableCell label="To" className="font-medium">
              {d.to.label}
            </TableCell>
            <TableCell label="Who">{d.actor}</TableCell>
            <TableCell label="Why" className="min-w-40 break-words">
              {d.reason || MISSING}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
