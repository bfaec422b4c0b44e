'use client';

import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { fieldError, hasFieldErrors } from '../../lib/field-errors.ts';
import { Dialog, DialogActions, DialogContent, DialogTrigger } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Input } from '../ui/input.tsx';
import { FormError } from './confirm-dialog.tsx';

interface RenameDialogProps {
  trigger: ReactNode;
  name: string;
  /** What goes by the name, and what the new one changes. */
  description: ReactNode;
  onRename: (name: string) => Promise<unknown>;
}

/** Asks for another name. It stays open with the error when the name is refused. */
export function RenameDialog({ trigger, name, description, onRename }: RenameDialogProps) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>{trigger}</DialogTrigger>
      <DialogContent title={`Rename ${name}`} description={description}>
        <RenameForm name={name} onRename={onRename} onDone={() => setOpen(false)} />
      </DialogContent>
    </Dialog>
  );
}

function RenameForm({ name, onRename, onDone }: Pick<RenameDialogProps, 'name' | 'onRename'> & { onDone: () => void }) {
  const [asked, setAsked] = useState(false);
  const [text, setText] = useState(name);
  const rename = useMutation({ mutationFn: onRename, onSuccess: onDone });
  const wanted = text.trim();
  const submit = () => {
    setAsked(true);
    if (wanted === name) onDone();
    else if (wanted !== '') rename.mutate(wanted);
  };
  return (
    <Form onSubmit={submit}>
      <Field label="Name" error={asked && wanted === '' ? 'Enter a name.' : fieldError(rename.error, 'name')}>
        {(control) => <Input {...control} maxLength={100} value={text} onChange={(e) => setText(e.target.value)} />}
      </Field>
      {rename.error && !hasFieldErrors(rename.error) && <FormError error={rename.error} />}
      <DialogActions pending={rename.isPending}>Rename</DialogActions>
    </Form>
  );
}
