export interface SiteTotals {
  cameras: { up: number; total: number };
  edges: { up: number; total: number };
  probesPerSecond: number | null;
  recognised: number;
  unknown: number;
  trainingRunning: number;
}

interface Counted extends SiteTotals {
  scenarios: { accuracy: number | null; baseAccuracy: number | null }[];
}

/** Sums over all sites. Probes per second stay unknown while no site has measured them. */
export function prepareTotals(sites: readonly SiteTotals[]): SiteTotals {
  const sum = (pick: (site: SiteTotals) => number) => sites.reduce((total, site) => total + pick(site), 0);
  const measured = sites.map((s) => s.probesPerSecond).filter((n) => n !== null);
  return {
    cameras: { up: sum((s) => s.cameras.up), total: sum((s) => s.cameras.total) },
    edges: { up: sum((s) => s.edges.up), total: sum((s) => s.edges.total) },
    probesPerSecond: measured.length > 0 ? measured.reduce((a, b) => a + b, 0) : null,
    recognised: sum((s) => s.recognised),
    unknown: sum((s) => s.unknown),
    trainingRunning: sum((s) => s.trainingRunning),
  };
}

/** Mean error now and of the base model over the scenarios that have both; null when none has. */
export function prepareErrorCut(sites: readonly Counted[]): { base: number; now: number; cut: number } | null {
  const both = sites
    .flatMap((site) => site.scenarios)
    .flatMap((s) => (s.accuracy !== null && s.baseAccuracy !== null ? [[1 - s.baseAccuracy, 1 - s.accuracy]] : []));
  if (both.length === 0) return null;
  const base = both.reduce((sum, [b]) => sum + b, 0) / both.length;
  const now = both.reduce((sum, [, n]) => sum + n, 0) / both.length;
  return { base, now, cut: base > 0 ? 1 - now / base : 0 };
}
