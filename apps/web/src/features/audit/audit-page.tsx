'use client';

import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { CircleAlert, ScrollText, ShieldAlert, ShieldCheck } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import type { RouterOutputs } from '@/lib/trpc/types';
import { type Column, DataTable } from '../../components/data/data-table.tsx';
import { PageHeader } from '../../components/data/page-header.tsx';
import { EmptyState, QueryState } from '../../components/data/states.tsx';
import { Badge } from '../../components/ui/badge.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Card, CardFooter } from '../../components/ui/card.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '../../components/ui/tabs.tsx';
import { errorText } from '../../lib/error-text.ts';
import { formatCount, formatDateTime, plural, shortHash } from '../../lib/format.ts';
import { useMay } from '../session/index.ts';
import { ReceiptsCard } from './receipts-card.tsx';
import { RetentionCard } from './retention-card.tsx';

type Entry = RouterOutputs['audit']['list']['items'][number];

export function AuditPage() {
  const may = useMay('audit.read');
  return (
    <>
      <PageHeader
        title="Audit"
        description="Every change, who made it and why. Each entry carries the hash of the one before, so nothing can be altered unseen."
        actions={may && <ChainBadge />}
      />
      {may ? (
        <Tabs defaultValue="log">
          <TabsList aria-label="Audit">
            <TabsTrigger value="log">Log</TabsTrigger>
            <TabsTrigger value="retention">Retention</TabsTrigger>
            <TabsTrigger value="receipts">Erasure receipts</TabsTrigger>
          </TabsList>
          <TabsContent value="log">
            <AuditLog />
          </TabsContent>
          <TabsContent value="retention">
            <RetentionCard />
          </TabsContent>
          <TabsContent value="receipts">
            <ReceiptsCard />
          </TabsContent>
        </Tabs>
      ) : (
        <Card>
          <EmptyState icon={ScrollText} title="The audit log is not open to your role">
            Administrators and auditors may read it. Ask one of them for what you need to know.
          </EmptyState>
        </Card>
      )}
    </>
  );
}

function ChainBadge() {
  const trpc = useTRPC();
  const verify = useQuery(trpc.audit.verify.queryOptions(undefined, { refetchInterval: 30_000 }));
  const failure = verify.error && errorText(verify.error);
  return (
    <div role="status" className="flex flex-wrap items-center gap-2 text-[13px]">
      {failure ? (
        // What an earlier look found says nothing of the log as it is now.
        <Badge tone="warn" title={failure.remedy ?? undefined} className="py-1 whitespace-normal">
          <CircleAlert aria-hidden />
          Not verified: {failure.message}
        </Badge>
      ) : (
        verify.data &&
        (verify.data.intact ? (
          <Badge tone="ok" title={verify.data.message} className="py-1">
            <ShieldCheck aria-hidden />
            Hash chain verified, {plural(verify.data.entries, 'entry', 'entries')}
          </Badge>
        ) : (
          <Badge tone="danger" title={verify.data.message} className="py-1">
            <ShieldAlert aria-hidden />
            Chain broken at entry {formatCount(verify.data.brokenAt)}
          </Badge>
        ))
      )}
      <Button variant="outline" size="sm" pending={verify.isFetching} onClick={() => void verify.refetch()}>
        Verify again
      </Button>
    </div>
  );
}

function AuditLog() {
  const trpc = useTRPC();
  const [filters, setFilters] = useState({ action: '', actor: '', subjectKind: '' });
  const wanted = useDeferredValue(filters);
  const log = useInfiniteQuery(
    trpc.audit.list.infiniteQueryOptions(
      {
        limit: 100,
        ...(wanted.action.trim() ? { action: wanted.action.trim() } : {}),
        ...(wanted.actor.trim() ? { actor: wanted.actor.trim() } : {}),
        ...(wanted.subjectKind.trim() ? { subjectKind: wanted.subjectKind.trim() } : {}),
      },
      {
        getNextPageParam: (page) => page.nextCursor ?? undefined,
        refetchInterval: (query) => ((query.state.data?.pages.length ?? 0) <= 1 ? 5000 : false),
      },
    ),
  );
  const input = (key: keyof typeof filters, label: string, placeholder: string) => (
    <Field label={label} className="sm:w-56">
      {(control) => (
        <Input
          {...control}
          type="search"
          placeholder={placeholder}
          value={filters[key]}
          onChange={(e) => setFilters({ ...filters, [key]: e.target.value })}
        />
      )}
    </Field>
  );
  return (
    <Card>
      <search aria-label="Filter the audit log" className="grid gap-3 p-4 sm:flex sm:flex-wrap">
        {input('action', 'Action', 'version.rollback')}
        {input('actor', 'Who', 'A name')}
        {input('subjectKind', 'About', 'identity')}
      </search>
      <div className="border-t border-border">
        <QueryState
          query={log}
          isEmpty={(data) => data.pages[0].items.length === 0}
          empty={
            <EmptyState icon={ScrollText} title="No entry">
              Nothing matches these filters; clear them to see the whole log.
            </EmptyState>
          }
        >
          {(data) => (
            <>
              <DataTable
                label="Audit log"
                rows={data.pages.flatMap((page) => page.items)}
                columns={columns}
                rowKey={(entry) => String(entry.sequence)}
              />
              {log.hasNextPage && (
                <CardFooter>
                  <Button
                    variant="outline"
                    size="sm"
                    pending={log.isFetchingNextPage}
                    onClick={() => void log.fetchNextPage()}
                  >
                    Show more
                  </Button>
                </CardFooter>
              )}
            </>
          )}
        </QueryState>
      </div>
    </Card>
  );
}

const columns: Column<Entry>[] = [
  { id: 'sequence', header: 'No.', align: 'right', cell: (e) => formatCount(e.sequence) },
  { id: 'at', header: 'When', className: 'md:whitespace-nowrap', cell: (e) => formatDateTime(e.at) },
  {
    id: 'actor',
    header: 'Who',
    // Two people may share a name; the log must not blame the wrong one.
    cell: (e) => (
      <span className="inline-flex min-w-0 flex-wrap gap-x-1.5">
        {e.actor}
        {e.actorId && (
          <code className="font-mono text-xs leading-5 text-muted-foreground" title={e.actorId}>
            {shortHash(e.actorId)}
          </code>
        )}
      </span>
    ),
  },
  { id: 'action', header: 'Action', cell: (e) => <Badge>{e.action}</Badge> },
  {
    id: 'subject',
    header: 'About',
    cell: (e) => (
      <span className="inline-flex max-w-44 min-w-0 gap-1.5">
        {e.subjectKind}
        <code className="truncate font-mono text-xs leading-5 text-muted-foreground" title={e.subjectId}>
          {e.subjectId}
        </code>
      </span>
    ),
  },
  {
    id: 'data',
    header: 'Details',
    className: 'md:max-w-xl',
    cell: (e) => <Details data={e.data} />,
  },
  {
    id: 'hash',
    header: 'Hash',
    cell: (e) => (
      <code className="font-mono text-xs text-muted-foreground" title={e.hash}>
        {shortHash(e.hash)}
      </code>
    ),
  },
];

function Details({ data }: { data: Entry['data'] }) {
  const entries = Object.entries(data);
  if (entries.length === 0) return null;
  return (
    <span className="line-clamp-3 wrap-anywhere text-muted-foreground" title={JSON.stringify(data, null, 2)}>
      {entries.map(([key, value], i) => (
        <span key={key}>
          {i > 0 && ' · '}
          {key} <span className="text-foreground">{typeof value === 'string' ? value : JSON.stringify(value)}</span>
        </span>
      ))}
    </span>
  );
}
