'use client';

import { cva, type VariantProps } from 'class-variance-authority';
import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import type { ComponentProps, ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';
import { Button } from './button.tsx';
import { overlayClasses } from './dialog.tsx';

export const Sheet = Primitive.Root;
export const SheetTrigger = Primitive.Trigger;

const sheetVariants = cva(
  'fixed inset-y-0 z-50 flex flex-col overflow-y-auto border-border bg-popover text-popover-foreground shadow-xl data-[state=open]:animate-in data-[state=closed]:animate-out duration-200',
  {
    variants: {
      side: {
        left: 'left-0 w-72 max-w-[85vw] border-r data-[state=open]:slide-in-from-left data-[state=closed]:slide-out-to-left',
        right:
          'right-0 w-full max-w-md border-l data-[state=open]:slide-in-from-right data-[state=closed]:slide-out-to-right',
      },
    },
    defaultVariants: { side: 'right' },
  },
);

interface SheetContentProps
  extends Omit<ComponentProps<typeof Primitive.Content>, 'title'>,
    VariantProps<typeof sheetVariants> {
  title: ReactNode;
  description: ReactNode;
  /** Keeps title and description for screen readers only. */
  hideHeader?: boolean;
}

export function SheetContent({
  title,
  description,
  hideHeader,
  side,
  className,
  children,
  ...props
}: SheetContentProps) {
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content className={cn(sheetVariants({ side }), className)} {...props}>
        <div className={hideHeader ? 'sr-only' : 'grid gap-1 border-b border-border px-5 py-4 pr-14'}>
          <Primitive.Title className="truncate text-base font-semibold">{title}</Primitive.Title>
          <Primitive.Description className="text-[13px] text-muted-foreground">{description}</Primitive.Description>
        </div>
        {children}
        <Primitive.Close asChild>
          <Button variant="ghost" size="icon-sm" className="absolute top-3.5 right-3.5" aria-label="Close">
            <X aria-hidden />
          </Button>
        </Primitive.Close>
      </Primitive.Content>
    </Primitive.Portal>
  );
}
