import { queues } from '@saface/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../testing/server.ts';
import { addPictures } from './enrolment.ts';

const png = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: '#789' } })
    .png()
    .toBuffer();

describe('uploading enrolment pictures', () => {
  let server: TestServer;
  let identityId: string;
  beforeAll(async () => {
    server = await createTestServer(process.env);
    [{ id: identityId }] = (await server.as('viewer').identities.list({})).items;
  });
  afterAll(() => server?.close());

  it('judges each file by its content, names what is wrong with it, and takes the good ones', async () => {
    const truncated = (
      await sharp(await png(300, 300))
        .jpeg()
        .toBuffer()
    ).subarray(0, 400);
    const answer = await addPictures(server.ctx('operator'), identityId, [
      { fileName: 'good.png', bytes: await png(200, 160) },
      { fileName: 'invoice.jpg', bytes: Buffer.from('%PDF-1.7 ...') },
      { fileName: 'page.png', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>') },
      { fileName: 'empty.jpg', bytes: new Uint8Array() },
      { fileName: 'dot.png', bytes: await png(1, 1) },
      { fileName: 'huge.png', bytes: await png(8000, 6000) },
      { fileName: 'cut.jpg', bytes: truncated },
    ]);
    expect(answer.accepted.map(({ fileName }) => fileName)).toEqual(['good.png']);
    expect(answer.refused.map(({ fileName, message }) => [fileName, message])).toEqual([
      ['invoice.jpg', '"invoice.jpg" is not a JPEG, PNG or WebP picture'],
      ['page.png', '"page.png" is not a JPEG, PNG or WebP picture'],
      ['empty.jpg', '"empty.jpg" is empty'],
      ['dot.png', '"dot.png" has only 1x1 pixels'],
      ['huge.png', '"huge.png" has 8000x6000 pixels'],
      ['cut.jpg', expect.stringContaining('"cut.jpg" cannot be read')],
    ]);
    expect(answer.refused.every(({ remedy }) => remedy.length > 0)).toBe(true);
    const { images } = await server.as('viewer').identities.get({ id: identityId });
    expect(images.filter(({ status }) => status === 'pending').map(({ fileName }) => fileName)).toEqual(['good.png']);
    const job = await server.deps.enrolmentQueue.getJob(answer.accepted[0].id);
    expect(job?.name).toBe(queues.enrolmentCheck.name);
    expect(job?.data).toEqual({ enrolmentImageId: answer.accepted[0].id });
  });

  it('takes pictures whatever they are called', async () => {
    const bytes = await png(64, 64);
    const names = [`${'a'.repeat(199)}😀.png`, 'half \ud83d.png', 'nothing \0.png', 'two\nlines.png'];
    const uploads = names.map((fileName) => ({ fileName, bytes }));
    const { accepted, refused } = await addPictures(server.ctx('operator'), identityId, uploads);
    expect(refused).toEqual([]);
    expect(accepted).toHaveLength(names.length);
  });

  it('keeps no EXIF', async () => {
    const withPlace = await sharp(await png(64, 64))
      .jpeg()
      .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 3230/100' } })
      .toBuffer();
    expect((await sharp(withPlace).metadata()).exif).toBeDefined();
    const { accepted } = await addPictures(server.ctx('operator'), identityId, [
      { fileName: 'gps.jpg', bytes: withPlace },
    ]);
    const { pictureSha256 } = await server.deps.prisma.enrolmentImage.findUniqueOrThrow({
      where: { id: accepted[0].id },
    });
    const kept = await server.deps.artifacts.read(pictureSha256!);
    expect((await sharp(kept).metadata()).exif).toBeUndefined();
  });

  it('is refused to viewers and for nobody', async () => {
    const upload = [{ fileName: 'a.png', bytes: await png(64, 64) }];
    await expect(addPictures(server.ctx('viewer'), identityId, upload)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(addPictures(server.ctx('operator'), 'nobody', upload)).rejects.toMatchObject({ code: 'not-found' });
  });
});
