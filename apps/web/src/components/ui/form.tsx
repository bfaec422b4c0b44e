'use client';

import { type ComponentProps, useEffect, useRef, useState } from 'react';
import { cn } from '../../lib/cn.ts';

interface FormProps extends Omit<ComponentProps<'form'>, 'method' | 'noValidate' | 'onChange' | 'onSubmit' | 'ref'> {
  onSubmit: () => void;
}

/** Checks its fields itself. POST, so that a click before the page is alive cannot put what was typed into the address. */
export function Form({ onSubmit, className, ...props }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  /** Submitted, and neither refused for a field nor changed since. */
  const [submitted, setSubmitted] = useState(false);

  // Whoever submits may be far from the field that is wrong, out of its sight and hearing. It is marked by one of the renders
  // that follow: at once, or when the server has answered.
  useEffect(() => {
    if (!submitted) return;
    // A turn later, as only then does a mutation that has begun take back what the server said of the submit before.
    const turn = setTimeout(() => {
      const wrong = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
      if (!wrong) return;
      setSubmitted(false);
      wrong.focus();
    });
    return () => clearTimeout(turn);
  });

  return (
    <form
      ref={form}
      method="post"
      noValidate
      className={cn('grid gap-4', className)}
      // Whoever goes on typing is not taken away from there.
      onChange={() => setSubmitted(false)}
      onSubmit={(event) => {
        // A dialog inside has a form of its own, whose event comes by here as well.
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        setSubmitted(true);
        onSubmit();
      }}
      {...props}
    />
  );
}
