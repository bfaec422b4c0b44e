import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getSessionUser } from '@/server/auth/session';
import { SignInForm } from '../../features/sign-in/index.ts';
import { returnPath } from '../../lib/return-path.ts';

export const metadata: Metadata = { title: 'Sign in' };

export default async function SignInPage({ searchParams }: PageProps<'/sign-in'>) {
  const returnTo = returnPath((await searchParams).returnTo);
  if (await getSessionUser()) redirect(returnTo);
  return <SignInForm returnTo={returnTo} />;
}
