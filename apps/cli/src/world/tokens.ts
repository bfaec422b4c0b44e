import { createHmac } from 'node:crypto';
import type { Secrets } from '../stack/secrets.ts';

/** The one-time token of an agent that this machine starts by itself: derived, so that seed and agent agree without storing it twice. */
export function enrolmentToken(secrets: Secrets, agent: string): string {
  return createHmac('sha256', secrets.enrolment).update(agent).digest('base64url');
}
