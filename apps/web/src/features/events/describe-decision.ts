import { formatDistance } from '../../lib/format.ts';
import type { EventView } from './event-table.tsx';

type Decided = Pick<
  EventView,
  'decision' | 'identity' | 'distance' | 'threshold' | 'runnerUp' | 'runnerUpDistance' | 'secondDistance'
>;

/** Who was compared with, nearest first. For somebody unknown the runner-up of the event is the nearest, whose name was not given. */
export function describeDecision(event: Decided): { term: string; value: string }[] {
  const { decision, distance, runnerUp, runnerUpDistance, secondDistance } = event;
  if (decision === 'recognised')
    return [
      { term: 'Best', value: somebody(event.identity, distance) },
      { term: 'Runner-up', value: somebody(runnerUp, runnerUpDistance) },
    ];
  return [
    { term: 'Best', value: whyNobody(event) },
    { term: 'Nearest', value: somebody(runnerUp, runnerUpDistance) },
    ...(secondDistance === null
      ? []
      : [{ term: 'Second nearest', value: `distance ${formatDistance(secondDistance)}` }]),
  ];
}

function whyNobody({ distance, threshold }: Decided): string {
  if (distance === null) return 'nobody to compare with';
  return distance <= threshold ? 'two people were about as near, so none was named' : 'nobody near enough';
}

/** Whoever was erased leaves a distance without a name. */
function somebody(identity: { name: string } | null, distance: number | null): string {
  if (distance === null) return 'none';
  return `${identity?.name ?? 'somebody since erased'}, distance ${formatDistance(distance)}`;
}
