import { SafaceError } from '@saface/core';
import {
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AVMEDIA_TYPE_VIDEO,
  avGetCodecName,
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  InputFormat,
  Log,
  type Stream,
} from 'node-av';
import { pixelAspect, shownSize } from './square-pixels.ts';
import { orientationOf, turnedSize } from './upright.ts';
import type { VideoInput } from './video-input.ts';
import { checkVideoFile, noVideoInside, openingFailed } from './video-input-errors.ts';

// FFmpeg writes to stderr behind Node's back; every failure that matters comes back as an error code.
Log.setLevel(AV_LOG_QUIET);

export interface OpenVideo {
  readonly format: FormatContext;
  readonly decoder: CodecContext;
  readonly stream: Stream;
  close(): Promise<void>;
}

/** A frame bigger than this is a broken header or an attack: 8K is 33 million pixels. */
const mostPixels = 70_000_000;

/**
 * Opens `input` and a decoder for its best video stream.
 *
 * @throws SafaceError `invalid-input` (not a video, no pictures inside), `unavailable` (network), `unsupported` (codec).
 *   The signal's reason when it aborts while opening.
 */
export async function openVideo(input: VideoInput, signal?: AbortSignal): Promise<OpenVideo> {
  signal?.throwIfAborted();
  if (signal === undefined) return openNow(input);
  // FFmpeg cannot be interrupted while it connects. The caller is let go at once; the attempt ends at its own time limit
  // and cleans up after itself, because `openNow` looks at the signal after every step.
  const opening = openNow(input, signal);
  let letGo = () => {};
  const aborted = new Promise<never>((_, reject) => {
    letGo = () => reject(signal.reason);
    signal.addEventListener('abort', letGo, { once: true });
  });
  try {
    return await Promise.race([opening, aborted]);
  } finally {
    signal.removeEventListener('abort', letGo);
    if (signal.aborted) {
      opening.then(
        (video) => video.close(),
        () => undefined,
      );
    }
  }
}

async function openNow(input: VideoInput, signal?: AbortSignal): Promise<OpenVideo> {
  await checkVideoFile(input);
  const format = new FormatContext();
  const decoder = new CodecContext();
  const options = Dictionary.fromObject({ ...input.options });
  const interrupt = () => format.interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    signal?.removeEventListener('abort', interrupt);
    decoder.freeContext();
    await format.closeInput();
  };
  try {
    const forced = input.format === null ? null : InputFormat.findInputFormat(input.format);
    if (input.format !== null && forced === null) {
      throw new SafaceError(
        'invalid-input',
        `Unknown video format "${input.format}"`,
        'Leave the format out, or name an FFmpeg demuxer.',
      );
    }
    const opened = await format.openInput(input.url, forced, options);
    signal?.throwIfAborted();
    if (opened < 0) throw openingFailed(input, opened);
    const informed = await format.findStreamInfo(null);
    signal?.throwIfAborted();
    if (informed < 0) throw openingFailed(input, informed);
    const best = format.findBestStream(AVMEDIA_TYPE_VIDEO);
    const stream = format.streams[best];
    if (best < 0 || stream === undefined) throw noVideoInside(input, 'has no video in it');
    const { width, height, codecId } = stream.codecpar;
    if (width < 1 || height < 1) throw noVideoInside(input, 'has a video stream without any readable picture');
    if (width * height > mostPixels) {
      throw new SafaceError(
        'unsupported',
        `"${input.label}" has frames of ${width}x${height} pixels`,
        `Scale it down first; at most ${mostPixels / 1_000_000} million pixels a frame are read.`,
      );
    }
    const codec = Codec.findDecoder(codecId);
    if (codec === null) {
      throw new SafaceError(
        'unsupported',
        `"${input.label}" uses a codec that cannot be decoded here`,
        'Convert it to H.264 in MP4.',
      );
    }
    decoder.allocContext3(codec);
    decoder.parametersToContext(stream.codecpar);
    decoder.pktTimebase = stream.timeBase;
    decoder.threadCount = input.kind === 'file' ? 0 : 1; // frame threads add delay, which a live picture must not have
    const ready = await decoder.open2(codec, null);
    if (ready < 0) throw openingFailed(input, ready);
    return { format, decoder, stream, close };
  } catch (error) {
    await close();
    throw error;
  } finally {
    options.free();
  }
}

export interface VideoInfo {
  /** Of the upright picture with square pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames a second; null when the source does not say. */
  readonly fps: number | null;
  /** Number of frames, estimated from the duration where the container does not count; null for live sources. */
  readonly frames: number | null;
  /** Seconds; null for live sources. */
  readonly duration: number | null;
  readonly codec: string;
}

/** Length of the stream in seconds as its container states it, or null. */
export function statedDuration(video: OpenVideo): number | null {
  const { stream, format } = video;
  if (stream.duration !== AV_NOPTS_VALUE && stream.duration > 0n) {
    return (Number(stream.duration) * stream.timeBase.num) / stream.timeBase.den;
  }
  return format.duration !== AV_NOPTS_VALUE && format.duration > 0n ? Number(format.duration) / 1e6 : null;
}

/** What a container says in advance of how long it is. */
export interface PromisedLength {
  readonly seconds: number;
  readonly secondsPerFrame: number;
  /** Whose length it is: the video's, counted from its first picture, or that of all streams, counted from 0. */
  readonly of: 'video' | 'file';
}

/** Null where the container promises nothing, as those of streams, whose length FFmpeg estimates. */
export function promisedLength(video: OpenVideo): PromisedLength | null {
  const { stream, format } = video;
  const seconds = statedDuration(video);
  if (seconds === null) return null;
  // MP4
  if (stream.nbFrames > 0n) return { seconds, secondsPerFrame: seconds / Number(stream.nbFrames), of: 'video' };
  if (!format.iformat?.name?.startsWith('matroska')) return null;
  const { num, den } = stream.avgFrameRate;
  return { seconds, secondsPerFrame: den / (num || 25), of: 'file' };
}

export function describeVideo(video: OpenVideo): VideoInfo {
  const { stream } = video;
  const rate = stream.avgFrameRate.num > 0 ? stream.avgFrameRate : stream.rFrameRate;
  const fps = rate.num > 0 && rate.den > 0 ? rate.num / rate.den : null;
  const duration = statedDuration(video);
  const counted = Number(stream.nbFrames);
  const estimated = duration !== null && fps !== null ? Math.round(duration * fps) : null;
  const shown = shownSize(stream.codecpar, pixelAspect(stream, stream.codecpar));
  return {
    ...turnedSize(shown, orientationOf(stream)),
    fps,
    frames: counted > 0 ? counted : estimated,
    duration,
    codec: avGetCodecName(stream.codecpar.codecId) ?? 'unknown',
  };
}
