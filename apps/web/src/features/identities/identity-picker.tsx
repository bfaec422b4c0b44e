'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ChevronsUpDown, X } from 'lucide-react';
import { useDeferredValue, useRef, useState } from 'react';
import { useTRPC } from '@/lib/trpc/client';
import { Button } from '../../components/ui/button.tsx';
import {
  Command,
  CommandEmpty,
  CommandGroup,
  CommandInput,
  CommandItem,
  CommandList,
} from '../../components/ui/command.tsx';
import { Popover, PopoverContent, PopoverTrigger } from '../../components/ui/popover.tsx';
import { cn } from '../../lib/cn.ts';

interface IdentityPickerProps {
  label: string;
  value: { id: string; name: string } | null;
  onChange: (identity: { id: string; name: string }) => void;
  /** Where nobody is an answer too: takes the choice away again. */
  onClear?: () => void;
  id?: string;
  className?: string;
}

/** Chooses one of many people by typing a part of the name; the server searches. */
export function IdentityPicker({ label, value, onChange, onClear, id, className }: IdentityPickerProps) {
  const [open, setOpen] = useState(false);
  const trigger = useRef<HTMLButtonElement>(null);
  const picker = (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button
          ref={trigger}
          id={id}
          variant="outline"
          role="combobox"
          aria-expanded={open}
          aria-label={value ? `${label}: ${value.name}` : label}
          className={cn('w-full min-w-0 shrink justify-between border-input/55 font-normal shadow-none', className)}
        >
          <span className={cn('truncate', !value && 'text-muted-foreground')}>{value?.name ?? 'Choose a person'}</span>
          <ChevronsUpDown className="opacity-60" aria-hidden />
        </Button>
      </PopoverTrigger>
      <PopoverContent className="p-0" align="start">
        <Choices
          label={label}
          onChoose={(identity) => {
            onChange(identity);
            setOpen(false);
          }}
        />
      </PopoverContent>
    </Popover>
  );
  if (!onClear) return picker;
  return (
    <div className="flex gap-1">
      {picker}
      {value && (
        <Button
          variant="ghost"
          size="icon"
          aria-label={`Clear ${label.toLowerCase()}: ${value.name}`}
          onClick={() => {
            // The button goes with the choice; the keyboard stays here.
            trigger.current?.focus();
            onClear();
          }}
        >
          <X aria-hidden />
        </Button>
      )}
    </div>
  );
}

function Choices({ label, onChoose }: { label: string; onChoose: IdentityPickerProps['onChange'] }) {
  const [search, setSearch] = useState('');
  const deferred = useDeferredValue(search.trim());
  const trpc = useTRPC();
  const people = useQuery(
    trpc.identities.list.queryOptions(
      { limit: 20, ...(deferred ? { search: deferred } : {}) },
      { placeholderData: keepPreviousData },
    ),
  );
  return (
    <Command label={label} shouldFilter={false}>
      <CommandInput placeholder="Part of a name" value={search} onValueChange={setSearch} />
      <CommandList>
        {!people.isPending && <CommandEmpty>Nobody of that name is enrolled.</CommandEmpty>}
        <CommandGroup>
          {people.data?.items.map((person) => (
            <CommandItem
              key={person.id}
              value={person.id}
              onSelect={() => onChoose({ id: person.id, name: person.name })}
            >
              <span className="truncate">{person.name}</span>
            </CommandItem>
          ))}
        </CommandGroup>
      </CommandList>
    </Command>
  );
}
