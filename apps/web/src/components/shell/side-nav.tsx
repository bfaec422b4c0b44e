'use client';

import { may } from '@saface/core/roles';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useSession } from '../../features/session/index.ts';
import { cn } from '../../lib/cn.ts';
import { Logo } from './logo.tsx';
import { isCurrent, navGroups } from './nav.ts';

/** The pages, as far as this role may see them. `onNavigate` closes the sheet that holds it on a phone. */
export function SideNav({ onNavigate }: { onNavigate?: () => void }) {
  const pathname = usePathname();
  const { role } = useSession();
  return (
    <div className="flex h-full flex-col gap-5 px-3 py-4">
      <Link
        href="/"
        onClick={onNavigate}
        className="flex items-center gap-2.5 self-start rounded-md px-2 text-[15px] font-semibold tracking-tight"
      >
        <Logo className="size-6 text-primary" />
        SaFace
      </Link>
      <nav aria-label="Main" className="grid gap-5">
        {navGroups.map((group) => (
          <div key={group.label}>
            <p id={`nav-${group.label}`} className="px-2.5 pb-1 text-xs text-muted-foreground">
              {group.label}
            </p>
            <ul aria-labelledby={`nav-${group.label}`} className="grid gap-px">
              {group.items
                .filter((item) => !item.permission || may(role, item.permission))
                .map((item) => {
                  const current = isCurrent(item, pathname);
                  return (
                    <li key={item.href}>
                      <Link
                        href={item.href}
                        onClick={onNavigate}
                        aria-current={current ? 'page' : undefined}
                        className={cn(
                          'flex h-9 items-center gap-2.5 rounded-md px-2.5 text-sm transition-colors md:h-8',
                          current
                            ? 'bg-primary/10 font-medium text-primary'
                            : 'text-foreground/85 hover:bg-foreground/5 hover:text-foreground',
                        )}
                      >
                        <item.icon className="size-4 shrink-0" aria-hidden />
                        <span className="truncate">{item.label}</span>
                      </Link>
                    </li>
                  );
                })}
            </ul>
          </div>
        ))}
      </nav>
    </div>
  );
}
