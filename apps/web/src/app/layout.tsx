import './globals.css';
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { ThemeProvider } from 'next-themes';
import type { ReactNode } from 'react';
import { Alive } from '../components/shell/alive.tsx';
import { Toaster } from '../components/ui/sonner.tsx';

export const metadata: Metadata = {
  title: { default: 'SaFace', template: '%s · SaFace' },
  description: 'Face recognition that adapts itself to each camera',
};

export const viewport: Viewport = {
  colorScheme: 'light dark',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f8f7f4' },
    { media: '(prefers-color-scheme: dark)', color: '#0b1216' },
  ],
};

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    // next-themes writes the class before React wakes up
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <body>
        <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
          {children}
          <Alive />
          <Toaster />
        </ThemeProvider>
      </body>
    </html>
  );
}
