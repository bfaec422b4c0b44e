import type { LiveFace, LiveFrame } from '@saface/core/agents/live';
import { faceLabel } from './describe-faces.ts';
import { placeLabels } from './place-labels.ts';

/** Drawn over video, so one set for both themes: light strokes and labels on near-black. */
const looks: Record<LiveFace['state'], { color: string; dash: number[] }> = {
  recognised: { color: '#5eead4', dash: [] },
  unknown: { color: '#fbbf24', dash: [] },
  undecided: { color: '#cbd5e1', dash: [6, 5] },
};

const order: Record<LiveFace['state'], number> = { recognised: 0, unknown: 1, undecided: 2 };

/**
 * Draws the picture and the faces over it. Line and letter sizes are CSS pixels, whatever the resolution of the camera:
 * `scale` is canvas pixels per CSS pixel.
 */
export function drawFrame(
  context: CanvasRenderingContext2D,
  picture: CanvasImageSource,
  frame: LiveFrame,
  scale: number,
) {
  context.drawImage(picture, 0, 0, frame.width, frame.height);
  const size = Math.round(12 * scale);
  context.font = `500 ${size}px ui-sans-serif, system-ui, sans-serif`;
  context.textBaseline = 'middle';
  for (const face of frame.faces) {
    const { color, dash } = looks[face.state];
    const { x, y, width, height } = face.box;
    context.lineWidth = 2 * scale;
    context.strokeStyle = color;
    context.setLineDash(dash.map((d) => d * scale));
    context.strokeRect(x, y, width, height);
    context.setLineDash([]);
  }
  const pad = 5 * scale;
  // Names are placed first: in a crowd whoever is undecided may be covered.
  const labelled = frame.faces
    .toSorted((a, b) => order[a.state] - order[b.state])
    .map((face) => ({ face, box: face.box, width: context.measureText(caption(face)).width + 2 * pad }));
  const places = placeLabels(labelled, { bounds: frame, height: size + 6 * scale, gap: scale });
  // And last on top.
  for (const [i, { face }] of [...labelled.entries()].reverse()) {
    const { x, y, width, height } = places[i];
    context.fillStyle = 'rgb(8 15 20 / 0.82)';
    context.fillRect(x, y, width, height);
    context.fillStyle = looks[face.state].color;
    context.fillText(caption(face), x + pad, y + height / 2);
  }
}

/** Longer names would hide the next face; the list beside the picture has them in full. */
const MAX_NAME = 22;

export function caption(face: LiveFace): string {
  const distance = face.distance === null ? '' : ` ${face.distance.toFixed(2)}`;
  const label = faceLabel(face);
  const name = label.length > MAX_NAME ? `${label.slice(0, MAX_NAME - 1).trimEnd()}…` : label;
  return `${name} #${face.trackId}${distance}`;
}
