'use client';

import type { LucideIcon } from 'lucide-react';
import { type ReactNode, useId, useRef, useState } from 'react';
import { cn } from '../../lib/cn.ts';
import { Button } from '../ui/button.tsx';

interface FileDropProps {
  icon: LucideIcon;
  /** Names the field for screen readers, as “Pictures”. */
  label: string;
  /** Before the button, as “Drop pictures here, or”. */
  invitation: string;
  choose: string;
  /** What is taken, and what works best. */
  children: ReactNode;
  /** As of the `accept` attribute; a dropped file may be anything. */
  accept: string;
  multiple?: boolean;
  disabled: boolean;
  onFiles: (files: File[]) => void;
}

/** Takes files by drop or by choice. */
export function FileDrop({
  icon: Icon,
  label,
  invitation,
  choose,
  children,
  disabled,
  onFiles,
  ...input
}: FileDropProps) {
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the button inside is the first
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (!disabled) onFiles([...event.dataTransfer.files]);
      }}
      className={cn(
        'grid justify-items-center gap-2 rounded-lg border border-dashed border-input/70 px-6 py-7 text-center transition-colors',
        over && 'border-primary bg-primary/8',
      )}
    >
      <Icon className="size-6 text-muted-foreground" strokeWidth={1.5} aria-hidden />
      <p className="text-[13px]">
        {invitation}{' '}
        <Button
          variant="link"
          className="h-auto p-0 text-[13px] underline"
          disabled={disabled}
          onClick={() => field.current?.click()}
        >
          {choose}
        </Button>
      </p>
      <p className="max-w-md text-xs text-muted-foreground">{children}</p>
      <label htmlFor={id} className="sr-only">
        {label}
      </label>
      <input
        ref={field}
        id={id}
        type="file"
        tabIndex={-1}
        className="sr-only"
        {...input}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (!disabled) onFiles(files);
        }}
      />
    </div>
  );
}
