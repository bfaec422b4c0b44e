'use client';

import { Menu } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Button } from '../ui/button.tsx';
import { Sheet, SheetContent, SheetTrigger } from '../ui/sheet.tsx';
import { Breadcrumbs, CrumbProvider } from './breadcrumbs.tsx';
import { CommandPalette } from './command-palette.tsx';
import { SideNav } from './side-nav.tsx';
import { ThemeMenu } from './theme-menu.tsx';
import { UserMenu } from './user-menu.tsx';

export function AppShell({ children }: { children: ReactNode }) {
  const [navOpen, setNavOpen] = useState(false);
  return (
    <CrumbProvider>
      <a
        href="#main"
        className="fixed top-2 left-2 z-60 -translate-y-16 rounded-md bg-primary px-3 py-2 text-sm font-medium text-primary-foreground focus:translate-y-0"
      >
        Skip to content
      </a>
      <div className="flex min-h-dvh">
        <aside className="sticky top-0 hidden h-dvh w-56 shrink-0 overflow-y-auto border-r border-border bg-sidebar md:block">
          <SideNav />
        </aside>
        <div className="flex min-w-0 grow flex-col">
          <header className="sticky top-0 z-40 flex h-13 shrink-0 items-center gap-2 border-b border-border bg-background/92 px-4 backdrop-blur-sm md:px-6">
            <Sheet open={navOpen} onOpenChange={setNavOpen}>
              <SheetTrigger asChild>
                <Button variant="ghost" size="icon" className="-ml-2 md:hidden" aria-label="Open navigation">
                  <Menu aria-hidden />
                </Button>
              </SheetTrigger>
              <SheetContent side="left" title="Navigation" description="Pages of the console" hideHeader>
                <SideNav onNavigate={() => setNavOpen(false)} />
              </SheetContent>
            </Sheet>
            <Breadcrumbs />
            <div className="ml-auto flex shrink-0 items-center gap-1">
              <CommandPalette />
              <ThemeMenu />
              <UserMenu />
            </div>
          </header>
          <main id="main" tabIndex={-1} className="min-w-0 grow outline-hidden">
            <div className="mx-auto grid w-full max-w-[100rem] gap-5 px-4 py-5 md:px-6 *:min-w-0">{children}</div>
          </main>
        </div>
      </div>
    </CrumbProvider>
  );
}
