'use client';

import { useQuery } from '@tanstack/react-query';
import { ArrowRight, Circle, CircleCheck } from 'lucide-react';
import Link from 'next/link';
import { useTRPC } from '@/lib/trpc/client';
import { Card, CardHeader } from '../../components/ui/card.tsx';

/** The way from an empty installation to a camera on screen; gone once it has been walked. */
export function FirstSteps() {
  const trpc = useTRPC();
  const fleet = useQuery(trpc.fleet.list.queryOptions({}, { refetchInterval: 5000 }));
  const sites = useQuery(trpc.sites.list.queryOptions());
  const scenarios = useQuery(trpc.scenarios.list.queryOptions({}));
  const galleries = useQuery(trpc.galleries.list.queryOptions());
  if (!fleet.data || !sites.data || !scenarios.data || !galleries.data) return null;

  const { edges, cameras } = fleet.data;
  const steps = [
    {
      done: sites.data.length > 0,
      label: 'Create a site',
      help: 'A building or yard with its own edge.',
      href: '/fleet',
    },
    {
      done: edges.some((e) => e.agent?.status === 'accepted'),
      label: 'Connect an edge',
      help: 'Create an edge and start its agent with an enrolment token.',
      href: '/fleet',
    },
    {
      done: scenarios.data.length > 0,
      label: 'Create a scenario',
      help: 'Cameras with a similar view share one adapted model.',
      href: '/scenarios',
    },
    {
      done: cameras.some((c) => c.agent?.status === 'accepted'),
      label: 'Add a camera',
      help: 'A file, RTSP, HTTP, device or simulated source.',
      href: '/fleet',
    },
    {
      done: galleries.data.some((g) => g.identities > 0),
      label: 'Enrol a person who agreed to it',
      help: 'A few pictures and the record of consent.',
      href: '/galleries',
    },
  ];
  if (steps.every((step) => step.done)) return null;
  const next = steps.findIndex((step) => !step.done);
  return (
    <Card className="overflow-hidden">
      <CardHeader title="First steps" description={`${steps.filter((s) => s.done).length} of ${steps.length} done`} />
      <ol className="grid gap-px border-t border-border bg-border md:grid-cols-5">
        {steps.map((step, i) => (
          <li key={step.label} className="bg-card">
            <Link
              href={step.href}
              aria-current={i === next ? 'step' : undefined}
              className="flex h-full gap-2.5 px-4 py-3 hover:bg-accent focus-visible:outline-offset-[-2px]"
            >
              {step.done ? (
                <CircleCheck className="mt-0.5 size-4 shrink-0 text-ok" aria-label="Done" />
              ) : (
                <Circle className="mt-0.5 size-4 shrink-0 text-muted-foreground" aria-label="To do" />
              )}
              <span className="text-[13px]">
                <span className="flex items-center gap-1 font-medium">
                  {step.label}
                  {i === next && <ArrowRight className="size-3.5 text-primary" aria-hidden />}
                </span>
                <span className="text-muted-foreground">{step.help}</span>
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </Card>
  );
}
