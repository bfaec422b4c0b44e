'use client';

import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

interface FormProps extends Omit<ComponentProps<'form'>, 'method' | 'noValidate' | 'onSubmit'> {
  /** Given the form, to look for the field that is wrong. */
  onSubmit: (form: HTMLFormElement) => void;
}

/** Checks its fields itself. POST, so that a click before the page is alive cannot put what was typed into the address. */
export function Form({ onSubmit, className, ...props }: FormProps) {
  return (
    <form
      method="post"
      noValidate
      className={cn('grid gap-4', className)}
      onSubmit={(event) => {
        // A dialog inside has a form of its own, whose event comes by here as well.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        onSubmit(event.currentTarget);
      }}
      {...props}
    />
  );
}
