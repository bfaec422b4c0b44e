'use client';

import { useState } from 'react';
import { authClient } from '@/lib/auth-client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Logo } from '../../components/shell/logo.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';

/** `returnTo` has been checked: it stays on this site. */
export function SignInForm({ returnTo }: { returnTo: string }) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [asked, setAsked] = useState(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<{ message: string; remedy: string } | null>(null);

  const submit = async () => {
    setAsked(true);
    if (email.trim() === '' || password === '') return;
    setPending(true);
    setFailure(null);
    const { error } = await authClient.signIn.email({ email: email.trim(), password }).catch((e: unknown) => ({
      error: { status: 0, message: String(e) },
    }));
    if (!error) {
      window.location.assign(returnTo);
      return;
    }
    setPending(false);
    setFailure(wordsFor(error.status));
  };

  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="grid w-full max-w-sm gap-6">
        <div className="grid justify-items-center gap-3 text-center">
          <Logo className="size-10 text-primary" />
          <div>
            <h1 className="text-xl font-semibold tracking-tight">Sign in to SaFace</h1>
            <p className="mt-1 text-[13px] text-muted-foreground">Face recognition that adapts itself to each camera</p>
          </div>
        </div>
        <Form className="grid gap-4 rounded-lg border border-border bg-card p-5" onSubmit={() => void submit()}>
          <Field label="E-mail" error={asked && email.trim() === '' ? 'Enter your e-mail address.' : null}>
            {(control) => (
              <Input
                {...control}
                type="email"
                name="email"
                autoComplete="username"
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
            )}
          </Field>
          <Field label="Password" error={asked && password === '' ? 'Enter your password.' : null}>
            {(control) => (
              <Input
                {...control}
                type="password"
                name="password"
                autoComplete="current-password"
                value={password}
                onChange={(event) => setPassword(event.target.value)}
              />
            )}
          </Field>
          {failure && <FormError error={failure} />}
          <Button type="submit" pending={pending} className="w-full">
            Sign in
          </Button>
        </Form>
        <p className="text-center text-xs text-muted-foreground">
          No account? An administrator adds people under Settings.
        </p>
      </div>
    </main>
  );
}

function wordsFor(status: number): { message: string; remedy: string } {
  if (status === 401) {
    return {
      message: 'E-mail and password do not match',
      remedy: 'Check both, or ask an administrator for a new password.',
    };
  }
  if (status === 429) return { message: 'Too many attempts', remedy: 'Wait five minutes and try again.' };
  return {
    message: 'The control plane does not answer',
    remedy: 'Check that it and its database run, then try again.',
  };
}
