import { describe, expect, it } from 'vitest';
import { redactSource, withoutCredentials } from './redact.ts';

describe('an address without its credentials', () => {
  it.each([
    ['rtsp://cam:554/stream1', 'rtsp://cam:554/stream1'],
    ['rtsp://admin:secret@cam/1', 'rtsp://***@cam/1'],
    ['RTSPS://admin:se@cret@cam/1', 'RTSPS://***@cam/1'],
    ['rtsp://admin:se/cret@cam/1', 'rtsp://***@cam/1'],
    ['rtsp://admin:12/secret@cam/1', 'rtsp://***@cam/1'],
    ['http://cam/video?user=admin&pwd=secret', 'http://cam/video?user=***&pwd=***'],
    ['http://cam/video?secret', 'http://cam/video?***'],
    ['http://cam/video?secret&pwd=secret#secret', 'http://cam/video?***&pwd=***#***'],
    ['http://cam/video?pwd=se/c?ret=', 'http://cam/video?pwd=***'],
    ['rtsp://cam/user=admin&password=secret&channel=1', 'rtsp://cam/user=***&password=***&channel=***'],
    ['rtsp://cam/user=admin_password=secret_channel=1', 'rtsp://cam/user=***'],
    ['rtsp://admin:se?cret@cam/1', 'rtsp://***'],
    ['rtsp://admin:se#cret@cam/1', 'rtsp://***'],
    ['http://cam/video?pwd=se@cret', 'http://***'],
  ])('%s', (address, shown) => {
    expect(withoutCredentials(address)).toBe(shown);
    expect(withoutCredentials(shown)).toBe(shown);
  });

  it('leaves paths and devices alone', () => {
    for (const path of ['/videos/a@b?c=d.mp4', '/dev/video0', 'door.mp4']) expect(withoutCredentials(path)).toBe(path);
    const file = { kind: 'file', path: '/videos/a@b.mp4', loop: true } as const;
    expect(redactSource(file)).toBe(file);
  });
});
