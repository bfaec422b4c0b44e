'use client';

import { type ReactNode, useState } from 'react';
import { errorText } from '../../lib/error-text.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogActions, DialogClose, DialogContent, DialogFooter, DialogTrigger } from '../ui/dialog.tsx';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Input, Textarea } from '../ui/input.tsx';

interface ConfirmDialogProps {
  trigger: ReactNode;
  title: string;
  description: ReactNode;
  confirmLabel: string;
  danger?: boolean;
  /** The word the user has to type first, for what cannot be undone. */
  typed?: string;
  /** Ask for a reason; it reaches the audit log. */
  reason?: { label: string; help: string; required: boolean };
  /** What stands in the way and how to clear it; takes the place of the question while it is there. */
  blocked?: ReactNode;
  children?: ReactNode;
  onConfirm: (reason: string) => Promise<unknown>;
}

/** A question before a change that others feel. It stays open with the error when the change fails. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog open={open} onOpenChange={setOpen}>
      <DialogTrigger asChild>{props.trigger}</DialogTrigger>
      <DialogContent title={props.title} description={props.description}>
        {props.blocked ? (
          <>
            <div className="grid gap-2 rounded-md border border-warn/30 bg-warn/9 px-3 py-2 text-[13px]">
              {props.blocked}
            </div>
            <DialogFooter>
              <DialogClose asChild>
                <Button variant="outline">Close</Button>
              </DialogClose>
            </DialogFooter>
          </>
        ) : (
          <ConfirmForm {...props} onDone={() => setOpen(false)} />
        )}
      </DialogContent>
    </Dialog>
  );
}

/** The question itself, for a dialog that something other than a button opens. */
export function ConfirmForm({
  confirmLabel,
  danger,
  typed,
  reason,
  children,
  onConfirm,
  onDone,
}: Omit<ConfirmDialogProps, 'trigger' | 'title' | 'description' | 'blocked'> & { onDone: () => void }) {
  const [words, setWords] = useState('');
  const [typedText, setTypedText] = useState('');
  const [asked, setAsked] = useState(false);
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const reasonError = asked && reason?.required && words.trim() === '' ? 'Say why: it is kept in the audit log.' : null;
  const typedError = asked && typed !== undefined && typedText !== typed ? `Type exactly: ${typed}` : null;

  const submit = async () => {
    setAsked(true);
    if ((reason?.required && words.trim() === '') || (typed !== undefined && typedText !== typed)) return;
    setPending(true);
    setFailure(null);
    try {
      await onConfirm(words.trim());
      onDone();
    } catch (error) {
      setFailure(error);
    } finally {
      setPending(false);
    }
  };

  return (
    <Form onSubmit={() => void submit()}>
      {children}
      {reason && (
        <Field label={reason.label} help={reason.help} error={reasonError}>
          {(control) => (
            <Textarea
              {...control}
              required={reason.required}
              maxLength={500}
              value={words}
              onChange={(event) => setWords(event.target.value)}
            />
          )}
        </Field>
      )}
      {typed !== undefined && (
        <Field label={`Type “${typed}” to confirm`} error={typedError}>
          {(control) => (
            <Input
              {...control}
              autoComplete="off"
              value={typedText}
              onChange={(event) => setTypedText(event.target.value)}
            />
          )}
        </Field>
      )}
      {failure !== null && <FormError error={failure} />}
      <DialogActions variant={danger ? 'danger' : 'default'} pending={pending}>
        {confirmLabel}
      </DialogActions>
    </Form>
  );
}

/** The server's refusal inside a form: what is wrong and what to do. */
export function FormError({ error }: { error: unknown }) {
  const { message, remedy } = errorText(error);
  return (
    <div role="alert" className="rounded-md border border-danger/35 bg-danger/8 px-3 py-2 text-[13px]">
      <p className="font-medium break-words text-danger">{message}</p>
      {remedy && <p className="text-muted-foreground">{remedy}</p>}
    </div>
  );
}
