import { inWords } from '../../lib/describe-contents.ts';

interface Receipt {
  readonly edgesTold: number;
  readonly edgesWaiting: readonly { readonly name: string }[];
  readonly edgesLost: readonly string[];
}

/** Where an erasure is not known to be done, each in words; else that it is. */
export function describeEdges({ edgesTold, edgesWaiting, edgesLost }: Receipt): {
  open: string[];
  done: string | null;
} {
  const open = [
    ...(edgesWaiting.length > 0 ? [`waiting for ${inWords(edgesWaiting.map(({ name }) => name))}`] : []),
    ...(edgesLost.length > 0 ? [`never heard from ${inWords(edgesLost)}, deleted from the fleet`] : []),
  ];
  if (open.length > 0) return { open, done: null };
  return { open, done: edgesTold > 0 ? 'all have deleted' : 'none' };
}
