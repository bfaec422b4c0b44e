import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, SafaceError } from '@saface/core';
import { encodeJpeg } from '@saface/engine';
import type { IdentifiedTrack } from './identify.ts';
import type { Observation } from './observe.ts';

export interface RunFiles {
  readonly report: object;
  readonly observation: Observation;
  readonly tracks: readonly IdentifiedTrack[] | null;
  /** The adapted learner as an ONNX file. */
  readonly learner: Uint8Array | null;
}

/** Writes report.json, probes.csv, faces/<track>.jpg and, where they exist, tracks.csv and learner.onnx. Files appear whole or not at all. */
export async function writeResults(dir: string, { report, observation, tracks, learner }: RunFiles): Promise<void> {
  try {
    await mkdir(join(dir, 'faces'), { recursive: true });
    for (const [trackId, crop] of observation.bestCrops)
      await writeWhole(join(dir, 'faces', `${trackId}.jpg`), await encodeJpeg(crop));
    await writeWhole(join(dir, 'probes.csv'), probesCsv(observation));
    if (tracks) await writeWhole(join(dir, 'tracks.csv'), tracksCsv(tracks));
    if (learner) await writeWhole(join(dir, 'learner.onnx'), learner);
    await writeWhole(join(dir, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    throw new SafaceError(
      'exhausted',
      `The results cannot be written to "${dir}" (${describeError(cause)})`,
      'Check that the folder is writable and the disk has space.',
      { cause },
    );
  }
}

export async function writeWhole(path: string, contents: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, contents);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function probesCsv({ probes }: Observation): string {
  const rows = probes.map(({ frame, time, trackId, box, score, quality }) =>
    [
      frame,
      Math.round(time),
      trackId,
      ...[box.x, box.y, box.width, box.height].map((v) => v.toFixed(1)),
      score.toFixed(3),
      quality.toFixed(3),
    ].join(','),
  );
  return `${['frame,time,track,x,y,width,height,score,quality', ...rows].join('\n')}\n`;
}

function tracksCsv(tracks: readonly IdentifiedTrack[]): string {
  const rows = tracks.map((t) =>
    [
      t.trackId,
      t.firstFrame,
      t.lastFrame,
      t.probes,
      t.decision,
      quoted(t.person ?? ''),
      t.distance?.toFixed(4) ?? '',
      quoted(t.runnerUp ?? ''),
      t.runnerUpDistance?.toFixed(4) ?? '',
    ].join(','),
  );
  return `${['track,firstFrame,lastFrame,probes,decision,person,distance,runnerUp,runnerUpDistance', ...rows].join('\n')}\n`;
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
