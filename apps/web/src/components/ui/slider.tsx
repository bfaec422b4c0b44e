'use client';

import { Slider as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

/** One thumb; its accessible name is `aria-label`. */
export function Slider({ className, 'aria-label': label, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      className={cn('relative flex h-5 w-full touch-none items-center select-none', className)}
      {...props}
    >
      <Primitive.Track className="relative h-1.5 grow rounded-full bg-muted">
        <Primitive.Range className="absolute h-full rounded-full bg-primary" />
      </Primitive.Track>
      <Primitive.Thumb
        aria-label={label}
        className="block size-4.5 cursor-grab rounded-full border-2 border-primary bg-background shadow-sm"
      />
    </Primitive.Root>
  );
}
