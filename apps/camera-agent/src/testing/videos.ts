import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RgbImage } from '@saface/core';
import { createVideoWriter } from '@saface/media';
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

export const videoSize = { width: 64, height: 48 } as const;

/** A grey picture with a bright square that moves one pixel to the right with each `n`. */
export function movingSquare(n: number): RgbImage {
  const { width, height } = videoSize;
  const data = new Uint8Array(width * height * 3).fill(60);
  for (let y = 16; y < 32; y++) {
    for (let x = n % 40; x < (n % 40) + 16; x++) data.fill(230, (y * width + x) * 3, (y * width + x) * 3 + 3);
  }
  return { width, height, data };
}

/** H.264 in MP4: `frames` moving squares. */
export async function writeSquares(path: string, frames: number, fps = 25): Promise<void> {
  await using writer = await createVideoWriter(path, { ...videoSize, fps, preset: 'ultrafast' });
  for (let n = 0; n < frames; n++) await writer.write(movingSquare(n));
  await writer.close();
}

/** The same pictures as H.264 in an MPEG transport stream, or bare (Annex B). */
export async function encodedSquares(folder: string, frames: number, format: 'mpegts' | 'h264'): Promise<Buffer> {
  const path = join(folder, `squares.${format}`);
  const timeBase = { num: 1, den: 25 };
  const encoder = await Encoder.create(FF_ENCODER_LIBX264, { gopSize: 10, options: { preset: 'ultrafast' } });
  const muxer = await Muxer.open(path, { format });
  const stream = muxer.addStream(encoder);
  const scaler = new Scaler();
  const store = async (packets: Packet[]) => {
    for (const packet of packets) {
      await muxer.writePacket(packet, stream);
      packet.free();
    }
  };
  for (let n = 0; n < frames; n++) {
    const rgb = AvFrame.fromVideoBuffer(Buffer.from(movingSquare(n).data), {
      ...videoSize,
      format: AV_PIX_FMT_RGB24,
      timeBase,
    });
    const planes = await scaler.toBuffer(rgb, { format: 'yuv420p' });
    const yuv = AvFrame.fromVideoBuffer(planes, { ...videoSize, format: AV_PIX_FMT_YUV420P, timeBase, pts: BigInt(n) });
    await store(await encoder.encodeAll(yuv));
    rgb.free();
    yuv.free();
  }
  await store(await encoder.encodeAll(null));
  scaler.close();
  encoder.close();
  await muxer.close();
  return readFile(path);
}

export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'saface-camera-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
