import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type RgbImage, SafaceError } from '@saface/core';
import {
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  Frame as AvFrame,
  Encoder,
  FF_ENCODER_LIBX264,
  Muxer,
  type Packet,
  Scaler,
} from 'node-av';

export interface VideoWriterOptions {
  /** Even, because H.264 halves the colour planes. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Constant quality, 0 (lossless) to 51; default 20. Ignored when a bitrate is given. */
  readonly crf?: number;
  /** Bits a second. */
  readonly bitrate?: number;
  /** x264 preset; default `veryfast`. */
  readonly preset?: 'ultrafast' | 'veryfast' | 'fast' | 'medium' | 'slow';
}

export interface VideoWriter {
  /** Frames written so far. */
  readonly frames: number;
  /** Adds one picture of the video's size. */
  write(image: RgbImage): Promise<void>;
  /** Finishes the file and gives it its name. */
  close(): Promise<void>;
  /** Gives up: removes what was written. Does nothing after `close`. */
  discard(): Promise<void>;
  /** `discard`, so that `await using` leaves no half-written file behind. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Writes H.264 in MP4 with the index in front, so that a browser can play it while it loads. The file appears under `path`
 * only when it is complete; the bytes depend on the pictures and options alone.
 *
 * @throws SafaceError `invalid-input` for odd or absurd sizes and rates, or a picture of another size.
 */
export async function createVideoWriter(path: string, options: VideoWriterOptions): Promise<VideoWriter> {
  const { width, height, fps, crf = 20, bitrate, preset = 'veryfast' } = options;
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 2 || height < 2 || width % 2 || height % 2) {
    throw new SafaceError(
      'invalid-input',
      `A video cannot be ${width}x${height} pixels`,
      'Use even whole numbers for width and height.',
    );
  }
  if (!(fps > 0) || fps > 1000)
    throw new SafaceError('invalid-input', `A video cannot have ${fps} frames a second`, 'Use 1 to 120.');
  await mkdir(dirname(path), { recursive: true });
  await removeAbandoned(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.part`);
  const timeBase = { num: 1000, den: Math.round(fps * 1000) };
  const encoder = await Encoder.create(FF_ENCODER_LIBX264, {
    ...(bitrate !== undefined && { bitrate }),
    gopSize: Math.max(1, Math.round(fps * 2)),
    options: { preset, ...(bitrate === undefined && { crf }) },
  });
  const muxer = await Muxer.open(temporary, { format: 'mp4', options: { movflags: '+faststart' } }).catch(
    (error: unknown) => {
      encoder.close();
      throw error;
    },
  );
  const streamIndex = muxer.addStream(encoder);
  const scaler = new Scaler();
  let frames = 0;
  let finished = false;

  const store = async (packets: Packet[]) => {
    for (const packet of packets) {
      await muxer.writePacket(packet, streamIndex);
      packet.free();
    }
  };
  const release = async () => {
    finished = true;
    scaler.close();
    encoder.close();
    await muxer.close();
  };

  const writer: VideoWriter = {
    get frames() {
      return frames;
    },
    async write(image) {
      if (image.width !== width || image.height !== height) {
        throw new SafaceError(
          'invalid-input',
          `A picture of ${image.width}x${image.height} does not fit a video of ${width}x${height}`,
          'Scale the pictures to the size of the video.',
        );
      }
      const bytes = Buffer.from(image.data.buffer, image.data.byteOffset, image.data.byteLength);
      const rgb = AvFrame.fromVideoBuffer(bytes, { width, height, format: AV_PIX_FMT_RGB24, timeBase });
      try {
        const planes = await scaler.toBuffer(rgb, { format: 'yuv420p' });
        const yuv = AvFrame.fromVideoBuffer(planes, {
          width,
          height,
          format: AV_PIX_FMT_YUV420P,
          timeBase,
          pts: BigInt(frames),
        });
        try {
          yuv.duration = 1n;
          await store(await encoder.encodeAll(yuv));
          frames++;
        } finally {
          yuv.free();
        }
      } finally {
        rgb.free();
      }
    },
    async close() {
      if (finished) return;
      if (frames === 0) {
        await writer.discard();
        throw new SafaceError(
          'invalid-input',
          `No picture was written to "${path}"`,
          'Write at least one frame before closing.',
        );
      }
      try {
        await store(await encoder.encodeAll(null));
        await release();
        await rename(temporary, path);
      } catch (error) {
        await writer.discard();
        throw error;
      }
    },
    async discard() {
      if (!finished) await release().catch(() => undefined);
      await rm(temporary, { force: true });
    },
    [Symbol.asyncDispose]: () => writer.discard(),
  };
  return writer;
}

/** A file that nobody has written to for this long has no writer any more; milliseconds. */
const ABANDONED = 60 * 60_000;

/** What writers of the same video left behind that were killed. */
async function removeAbandoned(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`.${basename(path)}.`) || !name.endsWith('.part')) continue;
    // Gone meanwhile: another writer was as quick.
    const written = await stat(join(folder, name)).catch(() => null);
    if (written && Date.now() - written.mtimeMs > ABANDONED) await rm(join(folder, name), { force: true });
  }
}
