import { inWords } from '../../lib/describe-contents.ts';
import { plural } from '../../lib/format.ts';

interface Contents {
  readonly learnt: number;
  readonly runs: number;
  readonly events: number;
}

/** What goes with a scenario: `2 learnt versions and 31 events with their pictures`; null when it has learnt and seen nothing. */
export function describeScenarioContents({ learnt, runs, events }: Contents): string | null {
  const parts = [
    ...(learnt > 0 ? [plural(learnt, 'learnt version')] : []),
    ...(runs > 0 ? [plural(runs, 'training run')] : []),
    ...(events > 0 ? [`${plural(events, 'event')} with ${events === 1 ? 'its picture' : 'their pictures'}`] : []),
  ];
  return parts.length > 0 ? inWords(parts) : null;
}
