import { type EdgeMessage, edgeMessageSchema, SafaceError } from '@saface/core';
import { z } from 'zod';

/** A message of the edge (JSON text). Throws `invalid-input` on anything that is not one. */
export function decodeEdgeMessage(text: string): EdgeMessage {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw notAnEdge('it is not JSON');
  }
  const parsed = edgeMessageSchema.safeParse(json);
  if (!parsed.success) throw notAnEdge(z.prettifyError(parsed.error));
  return parsed.data;
}

const notAnEdge = (what: string) =>
  new SafaceError(
    'invalid-input',
    `The edge sent a message that cannot be read: ${what}`,
    'Bring both sides to the same version of SaFace.',
  );
