import { type GateVerdictReport, type LabelFreeScoreReport, SafaceError } from '@saface/core';
import type { PrismaClient } from '@saface/db';
import { versionUsage } from '@saface/db/repositories/version-usage';
import { verdictOf } from '@saface/db/repositories/versions';
import type { ComparisonView, VersionView } from '../api/views.ts';
import type { ServiceContext } from '../deps.ts';
import { notFound } from './actor.ts';
import { toVersionViews, versionInclude } from './versions.ts';

async function load(prisma: PrismaClient, id: string): Promise<VersionView> {
  const row = await prisma.modelVersion.findUnique({ where: { id }, include: versionInclude });
  if (!row) throw notFound('version');
  return (await toVersionViews(prisma, [row]))[0];
}

async function firstGate(prisma: PrismaClient, parentId: string): Promise<GateVerdictReport | null> {
  const row = await prisma.modelVersion.findFirst({ where: { parentId }, orderBy: { number: 'asc' } });
  return row && verdictOf(row);
}

/** A version's own figures: of its gate, or, as the base model never passed one, of the first gate it was the champion at. */
const ownScore = (version: VersionView, gate: GateVerdictReport | null): LabelFreeScoreReport | null =>
  version.verdict?.candidate ?? gate?.champion ?? null;

/**
 * Label-free figures are only comparable on the same held-out tracks: those of one gate, where one of the two was the
 * champion and the other the candidate. For any other pair each version's own figures are shown, and the note says so.
 */
function labelFree(
  a: VersionView,
  b: VersionView,
  own: Record<'a' | 'b', LabelFreeScoreReport | null>,
): ComparisonView['labelFree'] {
  const gate = (child: VersionView, parent: VersionView) =>
    child.parentId === parent.id && child.verdict?.candidate && child.verdict.champion ? child.verdict : null;
  const forward = gate(b, a);
  if (forward)
    return {
      a: forward.champion,
      b: forward.candidate,
      gain: forward.gain,
      note: `Both on the held-out tracks of ${b.label}`,
    };
  const backward = gate(a, b);
  if (backward) {
    const { gain } = backward;
    return {
      a: backward.candidate,
      b: backward.champion,
      gain: gain && { mean: -gain.mean, low: -gain.high, high: -gain.low },
      note: `Both on the held-out tracks of ${a.label}`,
    };
  }
  return {
    ...own,
    gain: null,
    note: 'Measured on different tracks, each at its own gate: read the difference with care',
  };
}

export async function compareVersions(
  { prisma }: ServiceContext,
  input: { a: string; b: string },
): Promise<ComparisonView> {
  const [a, b] = await Promise.all([load(prisma, input.a), load(prisma, input.b)]);
  if (a.scenarioId !== b.scenarioId)
    throw new SafaceError(
      'invalid-input',
      'The two versions are of different scenarios',
      'Choose two of one scenario.',
    );
  const datasets = [...new Set([...a.evaluations, ...b.evaluations].map(({ dataset }) => dataset))].sort();
  const [usageA, usageB, firstOfA, firstOfB] = await Promise.all([
    versionUsage(prisma, a.id),
    versionUsage(prisma, b.id),
    firstGate(prisma, a.id),
    firstGate(prisma, b.id),
  ]);
  return {
    a,
    b,
    labelFree: labelFree(a, b, { a: ownScore(a, firstOfA), b: ownScore(b, firstOfB) }),
    labelled: datasets.map((dataset) => ({
      dataset,
      a: a.evaluations.findLast((evaluation) => evaluation.dataset === dataset) ?? null,
      b: b.evaluations.findLast((evaluation) => evaluation.dataset === dataset) ?? null,
    })),
    inUse: { a: usageA, b: usageB },
  };
}
