import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, RgbImage } from '@saface/core';
import {
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  Frame as AvFrame,
  Encoder,
  FF_ENCODER_LIBX264,
  Muxer,
  Scaler,
} from 'node-av';
import { createVideoWriter } from './video-writer.ts';

/** A picture for tests: a grey ground that rises with `n`, and a bright square that moves with it. */
export function testPicture(n: number, size: { width: number; height: number } = { width: 64, height: 48 }): RgbImage {
  const { width, height } = size;
  const data = new Uint8Array(width * height * 3).fill(40 + n * 4);
  for (let y = 8; y < 24; y++) {
    for (let x = 0; x < 16; x++) data.set([230, 30, 30], (y * width + ((x + n) % width)) * 3);
  }
  return { width, height, data };
}

export async function writeTestVideo(path: string, frames: number, fps = 10): Promise<void> {
  await using writer = await createVideoWriter(path, { width: 64, height: 48, fps, crf: 12 });
  for (let n = 0; n < frames; n++) await writer.write(testPicture(n));
  await writer.close();
}

/** The same pictures as H.264 in the container that the name tells. */
export async function writePackedVideo(path: string, frames: number): Promise<void> {
  const timeBase = { num: 1, den: 10 };
  const encoder = await Encoder.create(FF_ENCODER_LIBX264, { options: { preset: 'ultrafast' } });
  const muxer = await Muxer.open(path);
  const stream = muxer.addStream(encoder);
  const scaler = new Scaler();
  const store = async (picture: AvFrame | null) => {
    for (const packet of await encoder.encodeAll(picture)) {
      await muxer.writePacket(packet, stream);
      packet.free();
    }
  };
  for (let n = 0; n < frames; n++) {
    const { width, height, data } = testPicture(n);
    const size = { width, height, timeBase };
    const rgb = AvFrame.fromVideoBuffer(Buffer.from(data), { ...size, format: AV_PIX_FMT_RGB24 });
    const planes = await scaler.toBuffer(rgb, { format: 'yuv420p' });
    const yuv = AvFrame.fromVideoBuffer(planes, { ...size, format: AV_PIX_FMT_YUV420P, pts: BigInt(n) });
    await store(yuv);
    rgb.free();
    yuv.free();
  }
  await store(null);
  scaler.close();
  encoder.close();
  await muxer.close();
}

export async function collect(frames: AsyncIterable<Frame>): Promise<Frame[]> {
  const all: Frame[] = [];
  for await (const frame of frames) all.push(frame);
  return all;
}

/** Mean absolute difference of two pictures of one size, 0..255. */
export function meanDifference(a: RgbImage, b: RgbImage): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs((a.data[i] ?? 0) - (b.data[i] ?? 0));
  return sum / a.data.length;
}

/** Runs `work` with a folder of its own, removed afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'saface-media-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
