import { type GateVerdictReport, gateVerdictSchema, type NewVersion, newVersionSchema } from '@saface/core';

/** Number 0 is the base model itself. */
export const versionLabel = (number: number): string => (number === 0 ? 'base' : `v${number}`);

export const versionRef = (version: { id: string; number: number }) => ({
  id: version.id,
  label: versionLabel(version.number),
});

export function verdictOf(row: { verdict: unknown }): GateVerdictReport | null {
  const parsed = gateVerdictSchema.safeParse(row.verdict);
  return parsed.success ? parsed.data : null;
}

export function provenanceOf(row: { provenance: unknown }): NewVersion['provenance'] | null {
  const parsed = newVersionSchema.shape.provenance.safeParse(row.provenance);
  return parsed.success ? parsed.data : null;
}
