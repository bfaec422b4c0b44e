import { Badge, type Tone } from '../../components/ui/badge.tsx';
import type { VersionView } from './version-figures.ts';

const tones: Record<VersionView['aliases'][number], Tone> = {
  champion: 'ok',
  candidate: 'accent',
  shadow: 'neutral',
  previous: 'neutral',
};

export function AliasBadges({ aliases }: { aliases: VersionView['aliases'] }) {
  return aliases.map((alias) => (
    <Badge key={alias} tone={tones[alias]}>
      {alias}
    </Badge>
  ));
}
