import { formatCount, formatDateTime, formatShare, MISSING, plural } from '../../lib/format.ts';
import type { VersionView } from './version-figures.ts';

interface TextFact {
  term: string;
  value: string;
}

export interface Provenance {
  readonly facts: TextFact[];
  readonly hyperParameters: TextFact[];
  /** What hygiene kept from being learnt, by reason. */
  readonly leftOut: TextFact[];
}

/** Everything that is known of how a version came to be, as names and values. */
export function prepareProvenance(version: VersionView, parent: { label: string } | undefined): Provenance {
  const { provenance, verdict, retired, baseModel, cut } = version;
  const facts: TextFact[] = [
    { term: 'Base model', value: baseModel.name },
    { term: 'Parent', value: parent?.label ?? MISSING },
    { term: 'Cut', value: cut },
    { term: 'Created', value: formatDateTime(version.createdAt) },
  ];
  if (provenance) {
    const { from, to, tracks, triplets, steps, engine, identityIds } = provenance;
    facts.push(
      { term: 'Data', value: `${formatDateTime(from)} to ${formatDateTime(to)}` },
      { term: 'Tracks', value: formatCount(tracks) },
      { term: 'Triplets', value: `${formatCount(triplets)} in ${formatCount(steps)} steps` },
      { term: 'People', value: `${formatCount(identityIds.length)} recognised among the tracks` },
      { term: 'Engine', value: engine },
    );
  }
  if (verdict?.candidate && verdict.champion)
    facts.push({
      term: 'At the gate',
      value: `${formatShare(verdict.champion.accuracy)} before, ${formatShare(verdict.candidate.accuracy)} after`,
    });
  if (retired)
    facts.push({ term: 'Retired', value: `${formatDateTime(retired.at)} by ${retired.by}: ${retired.reason}` });
  // A measured learning rate has as many digits as a float; four say as much to a person.
  const text = (value: string | number | boolean) =>
    String(typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value);
  return {
    facts,
    hyperParameters: Object.entries(provenance?.hyperParameters ?? {}).map(([term, value]) => ({
      term,
      value: text(value),
    })),
    leftOut: (provenance?.leftOut ?? []).map(({ reason, tracks }) => ({
      term: reason,
      value: plural(tracks, 'track'),
    })),
  };
}
