import type { Frame } from '@saface/core';
import {
  AV_NOPTS_VALUE,
  AV_PKT_FLAG_CORRUPT,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  Frame as AvFrame,
  FFmpegError,
  Packet,
  type Rational,
  Scaler,
} from 'node-av';
import { FrameSampler } from './frame-sampler.ts';
import { MediaClock } from './media-clock.ts';
import {
  describeVideo,
  type OpenVideo,
  openVideo,
  type PromisedLength,
  promisedLength,
  type VideoInfo,
} from './open-video.ts';
import { pixelAspect, shownSize } from './square-pixels.ts';
import { type Orientation, orientationOf, turnedSize, turnUpright } from './upright.ts';
import { describeVideoInput, type VideoInput, type VideoInputOptions } from './video-input.ts';
import { endedEarly, noVideoInside } from './video-input-errors.ts';

export interface ReadVideoOptions extends VideoInputOptions {
  /** Ends the iteration, without an error, within milliseconds. */
  readonly signal?: AbortSignal;
  /** Stop after this many yielded frames. */
  readonly maxFrames?: number;
  /** Yield at most this many frames for each second of media time; frames in between are decoded and dropped. */
  readonly fps?: number;
  /**
   * Chooses frames by the time they would be yielded with (media clock or wall clock, milliseconds), in place of `fps`.
   * Called once for every decoded frame, in order; a frame that is not wanted costs no colour conversion.
   */
  readonly wants?: (time: number) => boolean;
  /** Scale to this width, and to `height` or the height that keeps the shape. Never scales up when only a width is given. */
  readonly scaleTo?: { readonly width: number; readonly height?: number };
}

/**
 * Frames of a file, RTSP or HTTP stream, or V4L2 device, as upright RGB with square pixels, one at a time: the next one is decoded when
 * it is asked for. `index` counts decoded frames, sampled away or not; `time` is the media clock for files (0 at the first frame,
 * always rising) and the wall clock for live sources. Everything native is freed when the iteration ends, however it ends.
 *
 * @throws SafaceError `invalid-input` for what is not a readable video, and after the last readable frame of one that is cut
 *   off; `unavailable` when a network source does not answer or falls silent; `unsupported` for a codec FFmpeg lacks.
 */
export async function* readVideo(source: string, options: ReadVideoOptions = {}): AsyncGenerator<Frame, void, void> {
  const input = describeVideoInput(source, options);
  const { signal } = options;
  if (signal?.aborted) return;
  let video: OpenVideo;
  try {
    video = await openVideo(input, signal);
  } catch (error) {
    if (signal?.aborted) return;
    throw error;
  }
  const reading = new Reading(input, video, options);
  try {
    yield* reading.frames();
  } finally {
    reading.free();
    await video.close();
  }
}

/**
 * Size, rate and length of a video without decoding it.
 *
 * @throws SafaceError as `readVideo`.
 */
export async function probeVideo(
  source: string,
  options: VideoInputOptions & { readonly signal?: AbortSignal } = {},
): Promise<VideoInfo> {
  const video = await openVideo(describeVideoInput(source, options), options.signal);
  try {
    return describeVideo(video);
  } finally {
    await video.close();
  }
}

class Reading {
  readonly #input: VideoInput;
  readonly #video: OpenVideo;
  readonly #options: ReadVideoOptions;
  readonly #packet = new Packet();
  readonly #frame = new AvFrame();
  readonly #scaler = new Scaler();
  readonly #sampler: FrameSampler;
  readonly #clock: MediaClock;
  readonly #orientation: Orientation | null;
  #decoded = 0;
  #yielded = 0;
  readonly #promised: PromisedLength | null;
  /** Time at which the last packet ends, in seconds, counted as `#promised` is. */
  #packetsEnd = 0;
  /** Whether the last packet is marked as incomplete. */
  #lastPacketBroken = false;
  #lastPts = AV_NOPTS_VALUE;
  /** Whether the decoder failed at the last picture, or had to make up for a part of it. */
  #lastPictureBroken = false;
  /** Of the last picture that it had to make up for. */
  #brokenPts = AV_NOPTS_VALUE;

  constructor(input: VideoInput, video: OpenVideo, options: ReadVideoOptions) {
    this.#input = input;
    this.#video = video;
    this.#options = options;
    this.#sampler = new FrameSampler(options.fps ?? null);
    const { num, den } = video.stream.avgFrameRate;
    this.#clock = new MediaClock((1000 * den) / (num || 25));
    this.#orientation = orientationOf(video.stream);
    this.#promised = promisedLength(video);
    this.#packet.alloc();
    this.#frame.alloc();
  }

  free(): void {
    this.#packet.free();
    this.#frame.free();
    this.#scaler.close();
  }

  async *frames(): AsyncGenerator<Frame, void, void> {
    const { format, decoder, stream } = this.#video;
    const { signal, maxFrames = Number.POSITIVE_INFINITY } = this.#options;
    while (this.#yielded < maxFrames && !signal?.aborted) {
      const read = await format.readFrame(this.#packet);
      if (signal?.aborted) return;
      if (read === AVERROR_EAGAIN) {
        await new Promise((wake) => setTimeout(wake, 5)); // a device without a new picture yet
        continue;
      }
      if (read >= 0) this.#notePacket();
      if (read >= 0 && this.#packet.streamIndex !== stream.index) {
        this.#packet.unref();
        continue;
      }
      // A packet that does not decode is damage within the stream: the decoder recovers at the next key frame.
      const sent = await decoder.sendPacket(read >= 0 ? this.#packet : null);
      this.#packet.unref();
      let received = 0;
      while (this.#yielded < maxFrames && !signal?.aborted) {
        received = await decoder.receiveFrame(this.#frame);
        if (received < 0) break;
        this.#notePicture();
        const frame = await this.#convert(stream.timeBase);
        this.#frame.unref();
        if (frame === null) continue;
        this.#yielded++;
        yield frame;
      }
      if (failed(sent) || failed(received)) this.#lastPictureBroken = true;
      if (read < 0) return this.#ended(read);
    }
  }

  #notePacket(): void {
    const { pts, dts, duration, streamIndex, flags } = this.#packet;
    const { stream, format } = this.#video;
    const own = streamIndex === stream.index;
    // Not of sound: recordings of a transport stream may end anywhere in it.
    if (own) {
      this.#lastPacketBroken = (flags & AV_PKT_FLAG_CORRUPT) !== 0;
      this.#lastPts = pts;
    }
    const start = pts !== AV_NOPTS_VALUE ? pts : dts;
    if (this.#promised === null || start === AV_NOPTS_VALUE || (this.#promised.of === 'video' && !own)) return;
    const origin = this.#promised.of === 'file' || stream.startTime === AV_NOPTS_VALUE ? 0n : stream.startTime;
    const { num, den } = (own ? stream : format.streams[streamIndex])?.timeBase ?? stream.timeBase;
    this.#packetsEnd = Math.max(this.#packetsEnd, (Number(start - origin + duration) * num) / den);
  }

  #notePicture(): void {
    const { pts, decodeErrorFlags } = this.#frame;
    this.#lastPictureBroken = decodeErrorFlags !== 0;
    if (this.#lastPictureBroken) this.#brokenPts = pts;
  }

  async #convert(timeBase: Rational): Promise<Frame | null> {
    const index = this.#decoded++;
    const mediaTime = this.#mediaTime(timeBase);
    const time = this.#input.kind === 'file' ? mediaTime : Date.now();
    const { wants } = this.#options;
    if (wants ? !wants(time) : !this.#sampler.wants(mediaTime)) return null;
    const { width, height } = turnedSize(this.#size(), this.#orientation);
    const resized = width !== this.#frame.width || height !== this.#frame.height;
    const data = await this.#scaler.toBuffer(this.#frame, {
      format: 'rgb',
      ...(resized && { resize: { width, height } }),
    });
    return { ...turnUpright({ width, height, data }, this.#orientation), index, time };
  }

  /** Milliseconds since the first frame. */
  #mediaTime({ num, den }: Rational): number {
    const stamp = this.#frame.bestEffortTimestamp;
    return this.#clock.next(stamp === AV_NOPTS_VALUE ? null : (Number(stamp) * 1000 * num) / den);
  }

  /** Of the upright picture. */
  #size(): { width: number; height: number } {
    const shown = shownSize(this.#frame, pixelAspect(this.#video.stream, this.#frame));
    const { width, height } = turnedSize(shown, this.#orientation);
    const wanted = this.#options.scaleTo;
    if (wanted === undefined) return { width, height };
    if (wanted.height !== undefined) return { width: wanted.width, height: wanted.height };
    const scale = Math.min(1, wanted.width / width);
    return { width: Math.round(width * scale), height: Math.max(1, Math.round(height * scale)) };
  }

  /** All that tells of an end in the middle where no length was promised; one between two pictures shows nowhere. */
  #endsBroken(): boolean {
    // The last packet's picture may come before the last picture, where they are in another order than they are shown.
    return this.#lastPictureBroken || (this.#lastPts !== AV_NOPTS_VALUE && this.#brokenPts === this.#lastPts);
  }

  #ended(code: number): void {
    if (code !== AVERROR_EOF) throw endedEarly(this.#input, this.#decoded, FFmpegError.strerror(code).trim());
    if (this.#decoded === 0) throw noVideoInside(this.#input, 'contains no frame that can be decoded');
    if (this.#input.kind !== 'file') return;
    if (this.#lastPacketBroken || (this.#promised === null && this.#endsBroken()))
      throw endedEarly(this.#input, this.#decoded, 'its last picture is incomplete');
    // Containers with an index (MP4, Matroska) promise a length; a copy that broke off keeps the promise but not the data.
    if (this.#promised === null) return;
    const { seconds, secondsPerFrame } = this.#promised;
    const missing = seconds - this.#packetsEnd;
    if (missing > Math.max(0.01 * seconds, 4 * secondsPerFrame)) {
      throw endedEarly(this.#input, this.#decoded, `${missing.toFixed(1)} s of ${seconds.toFixed(1)} s are missing`);
    }
  }
}

/** Of the decoder: neither a picture, nor that it wants more or has no more. */
const failed = (code: number) => code < 0 && code !== AVERROR_EAGAIN && code !== AVERROR_EOF;
