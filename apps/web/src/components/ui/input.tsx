import type { ComponentProps } from 'react';
import { cn } from '../../lib/cn.ts';

export const controlClasses =
  'w-full min-w-0 rounded-md border border-input/55 bg-card px-3 text-sm text-foreground placeholder:text-muted-foreground disabled:cursor-not-allowed disabled:opacity-55 aria-invalid:border-danger focus-visible:outline-offset-0';

export function Input({ className, type = 'text', ...props }: ComponentProps<'input'>) {
  return <input type={type} className={cn(controlClasses, 'h-9', className)} {...props} />;
}

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(controlClasses, 'min-h-20 py-2', className)} {...props} />;
}
