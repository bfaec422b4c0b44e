import type { RecognitionEvent, TrainingRunReport } from '@saface/core/agents/report';
import {
  Ban,
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleOff,
  CirclePause,
  CircleX,
  Clock,
  LoaderCircle,
  type LucideIcon,
  UserRoundCheck,
} from 'lucide-react';
import { Badge, type Tone } from '../ui/badge.tsx';

interface Look {
  tone: Tone;
  label: string;
  icon: LucideIcon;
}

/** A state always carries a word and a mark besides its colour. */
export function StatusBadge({ look }: { look: Look }) {
  const Icon = look.icon;
  return (
    <Badge tone={look.tone}>
      <Icon aria-hidden />
      {look.label}
    </Badge>
  );
}

export const runLooks: Record<TrainingRunReport['status'], Look> = {
  queued: { tone: 'neutral', label: 'Queued', icon: Clock },
  running: { tone: 'accent', label: 'Running', icon: LoaderCircle },
  paused: { tone: 'warn', label: 'Paused', icon: CirclePause },
  done: { tone: 'ok', label: 'Done', icon: CircleCheck },
  failed: { tone: 'danger', label: 'Failed', icon: CircleX },
  cancelled: { tone: 'neutral', label: 'Cancelled', icon: Ban },
};

export type FaceState = RecognitionEvent['decision'] | 'undecided';

export const faceLooks: Record<FaceState, Look> = {
  recognised: { tone: 'ok', label: 'Recognised', icon: UserRoundCheck },
  unknown: { tone: 'warn', label: 'Unknown', icon: CircleHelp },
  undecided: { tone: 'neutral', label: 'Undecided', icon: CircleDashed },
};

export const cameraLooks: Record<'playing' | 'reconnecting' | 'ended' | 'failed' | 'offline', Look> = {
  playing: { tone: 'ok', label: 'Playing', icon: CircleCheck },
  reconnecting: { tone: 'warn', label: 'Reconnecting', icon: LoaderCircle },
  ended: { tone: 'neutral', label: 'Ended', icon: CircleDashed },
  failed: { tone: 'danger', label: 'Failed', icon: CircleX },
  offline: { tone: 'danger', label: 'Offline', icon: CircleOff },
};
