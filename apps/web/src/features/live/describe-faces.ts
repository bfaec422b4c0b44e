import type { LiveFace } from '@saface/core/agents/live';

export interface FaceLine {
  trackId: number;
  state: LiveFace['state'];
  identityId: string | null;
  /** The name, or the honest word for not having one. */
  label: string;
  distance: number | null;
  threshold: number | null;
  /** Near enough to be known, and as near to somebody else: that is nobody. */
  ambiguous: boolean;
}

const order: Record<LiveFace['state'], number> = { recognised: 0, unknown: 1, undecided: 2 };

/** Faces as lines of a list that does not jump: recognised first, then by track. */
export function describeFaces(faces: readonly LiveFace[]): FaceLine[] {
  return faces
    .map((face) => ({
      trackId: face.trackId,
      state: face.state,
      identityId: face.identityId,
      label: faceLabel(face),
      distance: face.distance,
      threshold: face.threshold,
      ambiguous:
        face.state === 'unknown' &&
        face.distance !== null &&
        face.threshold !== null &&
        face.distance <= face.threshold,
    }))
    .sort((a, b) => order[a.state] - order[b.state] || a.trackId - b.trackId);
}

export function faceLabel(face: Pick<LiveFace, 'state' | 'name'>): string {
  if (face.state === 'recognised') return face.name ?? 'Recognised, name not loaded';
  return face.state === 'unknown' ? 'Unknown' : 'Undecided';
}

/** One sentence for a screen reader, which changes only when somebody comes, goes or is decided on. */
export function summariseFaces(lines: readonly FaceLine[]): string {
  if (lines.length === 0) return 'Nobody on camera.';
  const names = [...new Set(lines.filter((l) => l.state === 'recognised').map((l) => l.label))];
  const count = (state: FaceLine['state']) => lines.filter((l) => l.state === state).length;
  const unknown = count('unknown');
  const undecided = count('undecided');
  return `On camera: ${[...names, unknown ? `${unknown} unknown` : '', undecided ? `${undecided} undecided` : '']
    .filter(Boolean)
    .join(', ')}.`;
}
