'use client';

import { ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { isCurrent, navItems } from './nav.ts';

interface Crumb {
  label: string;
  href?: string;
}

interface CrumbStore {
  crumbs: { pathname: string; trail: Crumb[] } | null;
  set: (pathname: string, trail: Crumb[]) => void;
}

const CrumbContext = createContext<CrumbStore>({ crumbs: null, set: () => {} });

export function CrumbProvider({ children }: { children: ReactNode }) {
  const [crumbs, setCrumbs] = useState<CrumbStore['crumbs']>(null);
  const set = useCallback((pathname: string, trail: Crumb[]) => setCrumbs({ pathname, trail }), []);
  const store = useMemo(() => ({ crumbs, set }), [crumbs, set]);
  return <CrumbContext value={store}>{children}</CrumbContext>;
}

/**
 * Names the levels below a section, e.g. a gallery and a person in it, once their names are known. The effect tells the
 * shell's header, which lies outside the page, and the document's title.
 */
export function Crumbs({ trail }: { trail: Crumb[] }) {
  const pathname = usePathname();
  const { set } = useContext(CrumbContext);
  const key = JSON.stringify(trail);
  useEffect(() => {
    const parsed = JSON.parse(key) as Crumb[];
    set(pathname, parsed);
    const last = parsed[parsed.length - 1];
    if (last) document.title = `${last.label} · SaFace`;
  }, [pathname, key, set]);
  return null;
}

export function Breadcrumbs() {
  const pathname = usePathname();
  const { crumbs } = useContext(CrumbContext);
  const section = navItems.find((item) => isCurrent(item, pathname));
  const trail: Crumb[] = [
    ...(section ? [{ label: section.label, href: section.href }] : []),
    ...(crumbs?.pathname === pathname ? crumbs.trail : []),
  ];
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1 text-sm">
        {trail.map((crumb, i) => {
          const last = i === trail.length - 1;
          return (
            <li key={`${crumb.href}-${crumb.label}`} className={last ? 'min-w-0' : 'flex shrink-0 items-center gap-1'}>
              {last || !crumb.href ? (
                <span
                  className={last ? 'block truncate font-medium' : 'text-muted-foreground'}
                  aria-current={last ? 'page' : undefined}
                  title={crumb.label}
                >
                  {crumb.label}
                </span>
              ) : (
                <Link
                  href={crumb.href}
                  className="block max-w-40 truncate rounded-sm text-muted-foreground hover:text-foreground"
                >
                  {crumb.label}
                </Link>
              )}
              {!last && <ChevronRight className="size-3.5 shrink-0 text-muted-foreground" aria-hidden />}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
