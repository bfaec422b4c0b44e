'use client';

import { useState } from 'react';
import { toast } from 'sonner';
import { authClient } from '@/lib/auth-client';
import { FormError } from '../../components/data/confirm-dialog.tsx';
import { Button } from '../../components/ui/button.tsx';
import { Field } from '../../components/ui/field.tsx';
import { Form } from '../../components/ui/form.tsx';
import { Input } from '../../components/ui/input.tsx';
import { isLongEnough, NewPasswordField } from './new-password-field.tsx';

export function PasswordForm() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [asked, setAsked] = useState(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<{ message: string; remedy: string } | null>(null);

  const submit = async () => {
    setAsked(true);
    setFailure(null);
    if (current === '' || !isLongEnough(next)) return;
    setPending(true);
    const { error } = await authClient.changePassword({
      currentPassword: current,
      newPassword: next,
      revokeOtherSessions: true,
    });
    setPending(false);
    if (error) {
      setFailure({ message: error.message ?? 'The password was not changed', remedy: 'Check your current password.' });
      return;
    }
    setCurrent('');
    setNext('');
    setAsked(false);
    toast.success('Password changed', { description: 'Other browsers have been signed out.' });
  };

  return (
    <Form onSubmit={() => void submit()}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Current password" error={asked && current === '' ? 'Enter your current password.' : null}>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="current-password"
              value={current}
              onChange={(e) => setCurrent(e.target.value)}
            />
          )}
        </Field>
        <NewPasswordField label="New password" value={next} onChange={setNext} asked={asked} />
      </div>
      {failure && <FormError error={failure} />}
      <Button type="submit" variant="outline" pending={pending} className="justify-self-start">
        Change password
      </Button>
    </Form>
  );
}
