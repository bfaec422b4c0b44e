import type { LiveFace, LiveFrame } from '@saface/core/agents/live';
import { faceLabel } from './describe-faces.ts';

/** Drawn over video, so one set for both themes: light strokes and labels on near-black. */
const looks: Record<LiveFace['state'], { color: string; dash: number[] }> = {
  recognised: { color: '#5eead4', dash: [] },
  unknown: { color: '#fbbf24', dash: [] },
  undecided: { color: '#cbd5e1', dash: [6, 5] },
};

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

    const text = caption(face);
    const pad = 5 * scale;
    const boxHeight = size + 6 * scale;
    const boxWidth = context.measureText(text).width + 2 * pad;
    const left = Math.min(Math.max(0, x - context.lineWidth / 2), Math.max(0, frame.width - boxWidth));
    const top =
      y - boxHeight - scale >= 0 ? y - boxHeight - scale : Math.min(y + height + scale, frame.height - boxHeight);
    context.fillStyle = 'rgb(8 15 20 / 0.82)';
    context.fillRect(left, top, boxWidth, boxHeight);
    context.fillStyle = color;
    context.fillText(text, left + pad, top + boxHeight / 2);
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
