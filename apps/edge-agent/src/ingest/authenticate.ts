import { createHash, timingSafeEqual } from 'node:crypto';

export interface CameraKey {
  readonly id: string;
  /** sha256 of the ingest key, hex. */
  readonly ingestKeySha256: string;
}

/** The camera whose key the `Authorization` header carries, or null. Every key is compared, in constant time. */
export function authenticateCamera(header: string | undefined, cameras: readonly CameraKey[]): CameraKey | null {
  const key = /^Bearer (\S{16,512})$/i.exec(header ?? '')?.[1];
  if (!key) return null;
  const presented = createHash('sha256').update(key).digest();
  let found: CameraKey | null = null;
  for (const camera of cameras) {
    const expected = Buffer.from(camera.ingestKeySha256, 'hex');
    if (expected.length === presented.length && timingSafeEqual(expected, presented)) found = camera;
  }
  return found;
}
