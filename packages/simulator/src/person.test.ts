import { describe, expect, it } from 'vitest';
import { simulatedPeople } from './enrolment.ts';
import { createPopulation } from './person.ts';
import { castOf } from './stage.ts';

describe('a population', () => {
  it('is the same for the same seed and another for another', () => {
    expect(createPopulation(5, 16)).toEqual(createPopulation(5, 16));
    expect(createPopulation(5, 16)).not.toEqual(createPopulation(6, 16));
  });

  it('has names of its own, usable as folder names and in CSV', () => {
    for (let seed = 0; seed < 20; seed++) {
      const names = createPopulation(seed, 40).map((p) => p.name);
      expect(new Set(names).size).toBe(40);
      for (const name of names) expect(name).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    }
  });

  it('gives each scenario ten people, four of them in both, and enrols no strangers', () => {
    const corridor = castOf('corridor', 7).map((p) => p.name);
    const entrance = castOf('entrance', 7).map((p) => p.name);
    expect(new Set(corridor).size).toBe(10);
    expect(corridor.filter((name) => entrance.includes(name))).toHaveLength(4);
    const enrolled = simulatedPeople({ seed: 7 }).map((p) => p.name);
    expect(new Set(enrolled).size).toBe(enrolled.length);
    for (const stranger of [...corridor.slice(-2), ...entrance.slice(-2)]) expect(enrolled).not.toContain(stranger);
    expect(simulatedPeople({ seed: 7, who: 'everybody' })).toHaveLength(16);
  });
});
