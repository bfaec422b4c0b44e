import { resolve } from 'node:path';
import { SafaceError, withoutCredentials } from '@saface/core';

/** What FFmpeg is asked to open; built without any I/O, see `openVideo` for the executor. */
export interface VideoInput {
  /** The name people know the source by: the path or URL, without credentials. */
  readonly label: string;
  readonly kind: 'file' | 'network' | 'device';
  readonly url: string;
  /** FFmpeg demuxer to force; null lets FFmpeg look at the bytes. */
  readonly format: string | null;
  readonly options: Readonly<Record<string, string>>;
}

export interface VideoInputOptions {
  /** FFmpeg demuxer to force, e.g. `mjpeg` or `mpegts` for an HTTP camera that sends no content type. */
  readonly format?: string;
  /** Further FFmpeg demuxer or protocol options, e.g. `{ video_size: '1280x720' }` for a device. */
  readonly options?: Readonly<Record<string, string>>;
  /** How long a network source may be silent, in milliseconds. Default 10 000. */
  readonly timeoutMs?: number;
}

const networkSchemes = ['rtsp', 'rtsps', 'http', 'https', 'rtmp', 'rtmps', 'udp', 'rtp', 'srt', 'tcp'];

/**
 * Turns a path, URL or device name into what FFmpeg must open.
 *
 * RTSP goes over TCP: lost UDP packets smear faces, and a smeared face is a wrong probe. The protocols a source may open in
 * turn are limited, so that a playlist fetched from a camera cannot read local files.
 *
 * @throws SafaceError `invalid-input` for a URL scheme that is not a video source, or a file's URL that is broken.
 */
export function describeVideoInput(source: string, options: VideoInputOptions = {}): VideoInput {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(source)?.[1]?.toLowerCase();
  const given = options.options ?? {};
  const format = options.format ?? null;
  const label = withoutCredentials(source);
  if (scheme === undefined || scheme === 'file') {
    const path = scheme === 'file' ? pathOfUrl(source) : resolve(source);
    if (/^\/dev\/video\d+$/.test(path)) {
      return { label, kind: 'device', url: path, format: format ?? 'v4l2', options: given };
    }
    return {
      label: path,
      kind: 'file',
      url: path,
      format,
      options: { protocol_whitelist: 'file,crypto,data', ...given },
    };
  }
  if (!networkSchemes.includes(scheme)) {
    throw new SafaceError(
      'invalid-input',
      `"${label}" cannot be read as video: unknown scheme ${scheme}://`,
      `Use a file, a /dev/video device, or one of ${networkSchemes.map((s) => `${s}://`).join(', ')}.`,
    );
  }
  const timeout = String(Math.round((options.timeoutMs ?? 10_000) * 1000)); // FFmpeg counts microseconds
  const perScheme: Record<string, string> = scheme.startsWith('rtsp')
    ? { rtsp_transport: 'tcp', timeout }
    : { rw_timeout: timeout, protocol_whitelist: 'http,https,tls,tcp,udp,rtp,rtmp,rtmps,srt,httpproxy,crypto' };
  return { label, kind: 'network', url: source, format, options: { ...perScheme, ...given } };
}

function pathOfUrl(url: string): string {
  try {
    return decodeURIComponent(new URL(url).pathname);
  } catch (cause) {
    throw new SafaceError('invalid-input', `"${url}" is not the address of a file`, 'Give the path of the video.', {
      cause,
    });
  }
}
