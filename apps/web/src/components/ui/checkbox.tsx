'use client';

import { Check } from 'lucide-react';
import { Checkbox as Primitive } from 'radix-ui';
import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

export function Checkbox({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      className={cn(
        'size-4.5 shrink-0 cursor-pointer rounded-sm border border-input bg-card aria-invalid:border-danger data-[state=checked]:border-primary data-[state=checked]:bg-primary data-[state=checked]:text-primary-foreground disabled:cursor-not-allowed disabled:opacity-55',
        className,
      )}
      {...props}
    >
      <Primitive.Indicator className="grid place-content-center">
        <Check className="size-3.5" aria-hidden />
      </Primitive.Indicator>
    </Primitive.Root>
  );
}
