'use client';

import { type ComponentProps, useEffect, useEffectEvent, useState } from 'react';
import { Input } from '../../components/ui/input.tsx';

/** Long enough to type on, short enough not to be waited for. */
const PAUSE_MS = 400;

interface DraftInputProps extends Omit<ComponentProps<typeof Input>, 'value' | 'onChange'> {
  value: string;
  /** Told once the typing pauses, on Enter, and when the field is left. */
  onCommit: (value: string) => void;
}

/** An input that keeps what is being typed to itself, where each character on its own would be a navigation. */
export function DraftInput({ value, onCommit, ...props }: DraftInputProps) {
  const [draft, setDraft] = useState(value);
  const [known, setKnown] = useState(value);
  // The value changed from elsewhere (Back, Clear), or is what was committed here.
  if (value !== known) {
    setKnown(value);
    setDraft(value);
  }
  const commit = () => {
    if (draft !== value) onCommit(draft);
  };
  // Always the latest, so that a parent that renders anew does not put the pause off.
  const commitAfterPause = useEffectEvent(commit);
  useEffect(() => {
    if (draft === value) return;
    const timer = setTimeout(() => commitAfterPause(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [draft, value]);

  return (
    <Input
      {...props}
      value={draft}
      onChange={(e) => setDraft(e.target.value)}
      onBlur={commit}
      onKeyDown={(e) => e.key === 'Enter' && commit()}
    />
  );
}
