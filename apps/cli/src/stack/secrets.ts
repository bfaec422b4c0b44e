import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SafaceError } from '@saface/core';
import { z } from 'zod';

const secretsSchema = z.object({
  /** Signs browser sessions. */
  auth: z.string().min(32),
  adminPassword: z.string().min(12),
  operatorPassword: z.string().min(12),
  /** Seeds one-time enrolment tokens of the agents that this machine starts by itself. */
  enrolment: z.string().min(32),
});
export type Secrets = z.infer<typeof secretsSchema>;

/** Secrets of this installation, drawn once and kept in `secrets.json` (0600) below `home`. */
export function loadSecrets(home: string): Secrets {
  const path = join(home, 'secrets.json');
  if (!existsSync(path)) {
    mkdirSync(home, { recursive: true });
    const secrets: Secrets = {
      auth: randomBytes(32).toString('hex'),
      adminPassword: readablePassword(),
      operatorPassword: readablePassword(),
      enrolment: randomBytes(32).toString('hex'),
    };
    writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    return secrets;
  }
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new SafaceError(
      'integrity',
      `${path} is damaged`,
      `Restore it from a backup, or delete ${home} to start over.`,
      { cause },
    );
  }
}

/** A 32-byte AES key below `home`, drawn the first time (0600); returns its path. */
export function keyFile(home: string, name: string): string {
  const folder = join(home, 'keys');
  const path = join(folder, `${name}.key`);
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, randomBytes(32), { mode: 0o600 });
  }
  return path;
}

/** Letters and digits that nobody mistakes for each other, in groups that can be typed. */
function readablePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const letters = Array.from(randomBytes(16), (byte) => alphabet[byte % alphabet.length]);
  return [0, 4, 8, 12].map((at) => letters.slice(at, at + 4).join('')).join('-');
}
