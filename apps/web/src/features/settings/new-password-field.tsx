import { Field } from '../../components/ui/field.tsx';
import { Input } from '../../components/ui/input.tsx';

const MIN = 12;

export const PASSWORD_RULE = `At least ${MIN} characters.`;

/** Whether the control plane would take it. */
export const isLongEnough = (password: string): boolean => password.length >= MIN;

interface NewPasswordFieldProps {
  label: string;
  help?: string;
  value: string;
  onChange: (value: string) => void;
  /** Whether the form was submitted, and what is missing may be said. */
  asked: boolean;
  /** What the control plane said of it. */
  error?: string | null;
}

export function NewPasswordField({ label, help, value, onChange, asked, error = null }: NewPasswordFieldProps) {
  const tooShort = asked && !isLongEnough(value);
  return (
    <Field
      label={label}
      help={tooShort ? undefined : help}
      error={tooShort ? `Use at least ${MIN} characters.` : error}
    >
      {(control) => (
        <Input
          {...control}
          type="password"
          autoComplete="new-password"
          value={value}
          onChange={(e) => onChange(e.target.value)}
        />
      )}
    </Field>
  );
}
