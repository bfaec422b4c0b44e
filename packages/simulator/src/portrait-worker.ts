import { describeError } from '@saface/core';
import type { Person } from './person.ts';
import { type Portrait, type PortraitSpec, portraitPeople, renderPortrait } from './portrait.ts';

/** What the pool asks of a worker process, and what it answers: all pictures of one person at a time. */
export type PortraitRequest = { readonly spec: PortraitSpec } | { readonly person: number };
export type PortraitReply =
  | { readonly person: number; readonly portraits: readonly Portrait[] }
  | { readonly error: string };

let spec: PortraitSpec | null = null;
let people: readonly Person[] = [];

process.on('message', async (request: PortraitRequest) => {
  try {
    if ('spec' in request) {
      spec = request.spec;
      people = portraitPeople(spec);
      return;
    }
    const person = people[request.person];
    if (spec === null || person === undefined) throw new Error(`asked for person ${request.person} of nobody`);
    reply({ person: request.person, portraits: await renderPerson(person, spec.pictures) });
  } catch (error) {
    reply({ error: describeError(error) });
  }
});
// The parent is gone: nobody wants the pictures.
process.on('disconnect', () => process.exit(0));

async function renderPerson(person: Person, pictures: number): Promise<Portrait[]> {
  const portraits: Portrait[] = [];
  for (let number = 0; number < pictures; number++) portraits.push(await renderPortrait(person, number));
  return portraits;
}

function reply(message: PortraitReply): void {
  process.send?.(message);
}
