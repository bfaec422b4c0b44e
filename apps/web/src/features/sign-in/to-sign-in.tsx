'use client';

import { redirect, usePathname, useSearchParams } from 'next/navigation';
import { signInPath } from '../../lib/return-path.ts';

/** Sends to the sign-in page and back here after that. A client component, as no layout on the server knows its address. */
export function ToSignIn(): never {
  const path = usePathname();
  const query = useSearchParams().toString();
  redirect(signInPath(query ? `${path}?${query}` : path));
}
