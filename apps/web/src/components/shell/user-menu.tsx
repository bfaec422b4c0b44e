'use client';

import { LogOut, UserRound } from 'lucide-react';
import Link from 'next/link';
import { toast } from 'sonner';
import { authClient } from '@/lib/auth-client';
import { useSession } from '../../features/session/index.ts';
import { Button } from '../ui/button.tsx';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '../ui/dropdown-menu.tsx';

export function UserMenu() {
  const user = useSession();
  const signOut = async () => {
    const { error } = await authClient.signOut();
    if (error) {
      toast.error('Signing out failed', { description: error.message });
      return;
    }
    // A full load, so that nothing this user saw stays in memory.
    window.location.assign('/sign-in');
  };
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label="User menu">
          <span
            aria-hidden
            className="grid size-7 place-items-center rounded-full bg-primary/14 text-xs font-semibold text-primary uppercase"
          >
            {initials(user.name)}
          </span>
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent className="w-60">
        <DropdownMenuLabel className="grid gap-0.5">
          <span className="truncate text-sm font-medium text-foreground" title={user.name}>
            {user.name}
          </span>
          <span className="truncate" title={user.email}>
            {user.email}
          </span>
          <span>
            Role: <span className="text-foreground">{user.role}</span>
          </span>
        </DropdownMenuLabel>
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link href="/settings">
            <UserRound className="text-muted-foreground" aria-hidden />
            Profile
          </Link>
        </DropdownMenuItem>
        <DropdownMenuItem onSelect={() => void signOut()}>
          <LogOut className="text-muted-foreground" aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

const initials = (name: string) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0])
    .join('');
