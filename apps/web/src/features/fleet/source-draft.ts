import { type SourceConfig, sourceConfigSchema } from '@saface/core/agents/config';
import { withoutCredentials } from '@saface/core/agents/redact';

/** Every field of every kind of source; the kind decides which of them count. */
export interface SourceDraft {
  kind: SourceConfig['kind'];
  /** File path, address or device, one text for each kind so that switching loses nothing. */
  file: string;
  rtsp: string;
  http: string;
  device: string;
  loop: boolean;
  simulator: 'corridor' | 'entrance';
  seed: string;
  /** Share of the simulated video that is played, in per cent. */
  percent: string;
  /** Length of the whole simulated video. */
  seconds: string;
}

export const emptySource: SourceDraft = {
  kind: 'rtsp',
  file: '',
  rtsp: 'rtsp://',
  http: 'http://',
  device: '/dev/video0',
  loop: true,
  simulator: 'corridor',
  seed: '1',
  percent: '100',
  seconds: '60',
};

export const sourceKinds: { value: SourceConfig['kind']; label: string; help: string }[] = [
  { value: 'rtsp', label: 'RTSP camera', help: 'The address of a network camera, e.g. rtsp://10.0.0.7:554/stream1.' },
  { value: 'http', label: 'HTTP stream', help: 'MJPEG or MPEG-TS, e.g. http://10.0.0.7/video.mjpg.' },
  { value: 'device', label: 'Video device', help: 'A V4L2 device on the camera agent’s machine.' },
  { value: 'file', label: 'Video file', help: 'A path on the camera agent’s machine.' },
  { value: 'simulator', label: 'Simulator', help: 'Simulated people in a simulated scene; no real person.' },
];

export type ParsedSource = { source: SourceConfig; error: null } | { source: null; error: string };

export function parseSource(draft: SourceDraft): ParsedSource {
  const result = sourceConfigSchema.safeParse(candidate(draft));
  if (result.success) return { source: result.data, error: null };
  return { source: null, error: result.error.issues[0].message };
}

function candidate(draft: SourceDraft) {
  switch (draft.kind) {
    case 'file':
      return { kind: 'file', path: draft.file.trim(), loop: draft.loop };
    case 'rtsp':
      return { kind: 'rtsp', url: draft.rtsp.trim() };
    case 'http':
      return { kind: 'http', url: draft.http.trim() };
    case 'device':
      return { kind: 'device', path: draft.device.trim() };
    case 'simulator':
      return {
        kind: 'simulator',
        scenario: draft.simulator,
        seed: draft.seed.trim() === '' ? Number.NaN : Number(draft.seed),
        loop: draft.loop,
        share: draft.percent.trim() === '' ? Number.NaN : Number(draft.percent) / 100,
        seconds: draft.seconds.trim() === '' ? Number.NaN : Number(draft.seconds),
      };
  }
}

/** A source in one line, without the password that an address may carry. */
export function describeSource(source: SourceConfig): string {
  switch (source.kind) {
    case 'file':
      return `file ${source.path}${source.loop ? ', looped' : ''}`;
    case 'device':
      return `device ${source.path}`;
    case 'simulator':
      return `simulator ${source.scenario}, seed ${source.seed}`;
    default:
      return withoutCredentials(source.url);
  }
}

export function toSourceDraft(source: SourceConfig): SourceDraft {
  const draft = { ...emptySource, kind: source.kind };
  switch (source.kind) {
    case 'file':
      return { ...draft, file: source.path, loop: source.loop };
    case 'rtsp':
      return { ...draft, rtsp: source.url };
    case 'http':
      return { ...draft, http: source.url };
    case 'device':
      return { ...draft, device: source.path };
    case 'simulator':
      return {
        ...draft,
        simulator: source.scenario,
        seed: String(source.seed),
        loop: source.loop,
        percent: String(source.share * 100),
        seconds: String(source.seconds),
      };
  }
}
