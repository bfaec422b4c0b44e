import { describe, expect, it } from 'vitest';
import { createPopulation } from './person.ts';
import { portraitPeople, renderPortrait } from './portrait.ts';
import { renderPortraits } from './portrait-pool.ts';

describe('portraits', () => {
  it('are of people who live in no scene, the same ones for the same seed', () => {
    const people = portraitPeople({ seed: 7, people: 90 });
    expect(people).toHaveLength(90);
    expect(new Set(people.map(({ seed }) => seed)).size).toBe(90);
    expect(portraitPeople({ seed: 7, people: 90 })).toEqual(people);
    const scenes = new Set(
      Array.from({ length: 50 }, (_, seed) => createPopulation(seed, 16))
        .flat()
        .map((p) => p.seed),
    );
    expect(people.filter(({ seed }) => scenes.has(seed))).toEqual([]);
  });

  it('are repeatable to the byte, each with its landmarks inside the picture and in order', async () => {
    const [person] = portraitPeople({ seed: 7, people: 1 });
    const once = await renderPortrait(person!, 3);
    expect(await renderPortrait(person!, 3)).toEqual(once);
    expect(await renderPortrait(person!, 4)).not.toEqual(once);
    const { image, landmarks } = once;
    for (const { x, y } of landmarks) {
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(image.width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(image.height);
    }
    expect(landmarks[0]!.x).toBeLessThan(landmarks[1]!.x);
    expect(landmarks[3]!.y).toBeGreaterThan(landmarks[0]!.y);
  });

  it('are the same from worker processes, in order, and stop when told to', async () => {
    const spec = { seed: 7, people: 3, pictures: 2 };
    const render = async (workers: number) => {
      const all = [];
      for await (const person of renderPortraits(spec, { workers })) all.push(person);
      return all;
    };
    const own = await render(0);
    expect(own.map(({ person }) => person)).toEqual([0, 1, 2]);
    expect(JSON.stringify(await render(2)) === JSON.stringify(own)).toBe(true);
    const stop = new AbortController();
    const stopped = (async () => {
      for await (const _ of renderPortraits(spec, { workers: 2, signal: stop.signal })) stop.abort(new Error('enough'));
    })();
    await expect(stopped).rejects.toThrow('enough');
  });
});
