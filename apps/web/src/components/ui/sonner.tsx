'use client';

import { useTheme } from 'next-themes';
import { Toaster as Sonner, type ToasterProps } from 'sonner';

export function Toaster() {
  const { resolvedTheme } = useTheme();
  return (
    <Sonner
      theme={resolvedTheme as ToasterProps['theme']}
      position="bottom-right"
      toastOptions={{
        classNames: {
          toast: '!font-sans !bg-popover !text-popover-foreground !border-border !rounded-lg !shadow-lg',
          description: '!text-muted-foreground',
        },
      }}
    />
  );
}
