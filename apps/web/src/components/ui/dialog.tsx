'use client';

import { X } from 'lucide-react';
import { Dialog as Primitive } from 'radix-ui';
import { type ComponentProps, type ReactNode, useRef } from 'react';
import { cn } from '../../lib/cn.ts';
import { Button } from './button.tsx';

export const Dialog = Primitive.Root;
export const DialogTrigger = Primitive.Trigger;
export const DialogClose = Primitive.Close;

export const overlayClasses =
  'fixed inset-0 z-50 bg-black/45 data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=closed]:animate-out data-[state=closed]:fade-out-0';

interface DialogContentProps extends Omit<ComponentProps<typeof Primitive.Content>, 'title' | 'ref'> {
  title: ReactNode;
  description: ReactNode;
  /** What it shows cannot be shown again: Escape does not close it either, only its buttons do. */
  shownOnce?: boolean;
}

/** Where the button that opened a dialog went with what it was about, whoever uses the keyboard goes on at the page, not before all of it. */
function keepFocus(): void {
  if (document.activeElement === document.body) document.getElementById('main')?.focus({ preventScroll: true });
}

/** A click beside it closes it, unless that would throw away what somebody typed. */
export function DialogContent({
  title,
  description,
  shownOnce = false,
  className,
  children,
  ...props
}: DialogContentProps) {
  const content = useRef<HTMLDivElement>(null);
  return (
    <Primitive.Portal>
      <Primitive.Overlay className={overlayClasses} />
      <Primitive.Content
        ref={content}
        onInteractOutside={(event) => {
          if (shownOnce || content.current?.querySelector('form')) event.preventDefault();
        }}
        // After the focus went back to the button, if it is there.
        onCloseAutoFocus={() => queueMicrotask(keepFocus)}
        onEscapeKeyDown={(event) => {
          if (shownOnce) event.preventDefault();
        }}
        className={cn(
          'fixed top-1/2 left-1/2 z-50 grid max-h-[calc(100dvh-2rem)] w-[calc(100vw-2rem)] max-w-lg -translate-1/2 gap-4 overflow-y-auto rounded-xl border border-border bg-popover p-5 text-popover-foreground shadow-xl data-[state=open]:animate-in data-[state=open]:fade-in-0 data-[state=open]:zoom-in-98',
          className,
        )}
        {...props}
      >
        <div className="grid gap-1 pr-8">
          <Primitive.Title className="text-base font-semibold">{title}</Primitive.Title>
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

export function DialogFooter({ className, ...props }: ComponentProps<'div'>) {
  return <div className={cn('flex flex-wrap justify-end gap-2 pt-1', className)} {...props} />;
}

/** What ends a form in a dialog: the way out, and the button that submits it. */
export function DialogActions(submit: Omit<ComponentProps<typeof Button>, 'type'>) {
  return (
    <DialogFooter>
      <DialogClose asChild>
        <Button variant="outline">Cancel</Button>
      </DialogClose>
      <Button type="submit" {...submit} />
    </DialogFooter>
  );
}
