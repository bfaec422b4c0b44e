'use client';

import { may } from '@saface/core/roles';
import { useQuery } from '@tanstack/react-query';
import { BrainCircuit, Images, Search, UserRound, Video } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type ReactNode, useDeferredValue, useEffect, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { useSession } from '../../features/session/index.ts';
import { Button } from '../ui/button.tsx';
import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from '../ui/command.tsx';
import { Dialog, DialogContent, DialogTrigger } from '../ui/dialog.tsx';
import { navItems } from './nav.ts';

/** Goes to any page, camera, person, gallery or scenario by name. */
export function CommandPalette() {
  const [open, setOpen] = useState(false);

  // The keyboard of the whole window, which only the document hears.
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.metaKey || event.ctrlKey)) {
        event.preventDefault();
        setOpen((was) => !was);
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);

  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button
          variant="outline"
          size="sm"
          aria-label="Search and go to"
          className="text-muted-foreground max-sm:size-9 max-sm:border-transparent max-sm:bg-transparent max-sm:p-0 max-sm:shadow-none sm:w-44 sm:justify-start"
        >
          <Search aria-hidden />
          <span className="max-sm:hidden">Go to…</span>
          <kbd className="ml-auto rounded-sm border border-border bg-muted px-1 font-sans text-[11px] max-sm:hidden">
            Ctrl K
          </kbd>
        </Button>
      </DialogTrigger>
      <DialogContent
        title="Go to"
        description="Pages, cameras, people, galleries and scenarios by name"
        className="top-[14%] max-w-xl translate-y-0 gap-0 overflow-hidden p-0 [&>div:first-child]:sr-only [&>button]:top-2 [&>button]:right-2"
      >
        <PaletteList onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function PaletteList({ onDone }: { onDone: () => void }) {
  const router = useRouter();
  const { role } = useSession();
  const [search, setSearch] = useState('');
  const deferred = useDeferredValue(search.trim());
  const trpc = useTRPC();
  const cameras = useQuery(trpc.cameras.list.queryOptions({}));
  const scenarios = useQuery(trpc.scenarios.list.queryOptions({}));
  const galleries = useQuery(trpc.galleries.list.queryOptions());
  const people = useQuery({
    ...trpc.identities.list.queryOptions({ search: deferred, limit: 8 }),
    enabled: deferred !== '',
  });

  const go = (href: string) => {
    onDone();
    router.push(href);
  };
  const item = (href: string, label: string, extra: { icon: ReactNode; id: string; keywords?: string[] }) => (
    <CommandItem
      key={extra.id}
      value={extra.id}
      keywords={[label, ...(extra.keywords ?? [])]}
      onSelect={() => go(href)}
    >
      {extra.icon}
      <span className="truncate">{label}</span>
    </CommandItem>
  );

  return (
    <Command label="Go to" loop filter={byKeywords}>
      <CommandInput placeholder="Go to a page, camera, person…" value={search} onValueChange={setSearch} />
      <CommandList>
        <CommandEmpty>Nothing of that name.</CommandEmpty>
        <CommandGroup heading="Pages">
          {navItems
            .filter((page) => !page.permission || may(role, page.permission))
            .map((page) =>
              item(page.href, page.label, {
                id: `page ${page.href}`,
                icon: <page.icon aria-hidden />,
                keywords: page.keywords,
              }),
            )}
        </CommandGroup>
        {deferred !== '' && (
          <>
            <CommandGroup heading="Cameras">
              {cameras.data?.map((c) => item(`/live/${c.id}`, c.name, { id: c.id, icon: <Video aria-hidden /> }))}
            </CommandGroup>
            <CommandGroup heading="People">
              {people.data?.items.map((p) =>
                item(`/identities/${p.id}`, p.name, { id: p.id, icon: <UserRound aria-hidden /> }),
              )}
            </CommandGroup>
            <CommandGroup heading="Galleries">
              {galleries.data?.map((g) =>
                item(`/galleries/${g.id}`, g.name, { id: g.id, icon: <Images aria-hidden /> }),
              )}
            </CommandGroup>
            <CommandGroup heading="Scenarios">
              {scenarios.data?.map((s) =>
                item(`/scenarios/${s.id}`, s.name, { id: s.id, icon: <BrainCircuit aria-hidden /> }),
              )}
            </CommandGroup>
          </>
        )}
      </CommandList>
    </Command>
  );
}

/** Every word typed must occur in the label or one of the other words; ids never match. */
function byKeywords(_value: string, search: string, keywords: string[] = []): number {
  const haystack = keywords.join(' ').toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => haystack.includes(word)) ? 1 : 0;
}
