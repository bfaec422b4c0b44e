import { plural } from '../../lib/format.ts';

interface Edge {
  readonly cameras: number;
  readonly agent: { readonly status: 'pending' | 'accepted' | 'revoked' } | null;
}

/** What keeps an edge from being deleted, each with what to do about it; none when it is out of service. */
export function edgeObstacles({ cameras, agent }: Edge): string[] {
  const serves = cameras === 1 ? 'sends' : 'send';
  return [
    ...(cameras > 0
      ? [`${plural(cameras, 'camera')} ${serves} to it: edit each below, and give it another edge or none.`]
      : []),
    ...(agent?.status === 'accepted' ? ['It is in service: revoke its agent, and stop it on its machine.'] : []),
    ...(agent?.status === 'pending' ? ['An agent waits to be accepted as this edge: revoke it.'] : []),
  ];
}
