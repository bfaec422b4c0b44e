import { describe, expect, it } from 'vitest';
import { prepareProvenance } from './prepare-provenance.ts';
import type { VersionView } from './version-figures.ts';

const version = {
  baseModel: { id: 'b', name: 'ResNet' },
  cut: 'conv5',
  createdAt: 0,
  verdict: null,
  retired: null,
  provenance: {
    engine: 'onnxruntime',
    from: 0,
    to: 60_000,
    tracks: 10,
    triplets: 400,
    steps: 20,
    hyperParameters: { margin: 0.4, learningRate: 0.0008412345678901234, selection: 'drawn' },
    leftOut: [{ reason: 'a face that never moves', tracks: 1 }],
    identityIds: ['a', 'b'],
  },
} as unknown as VersionView;

describe('provenance', () => {
  it('names base, parent, cut, data, engine and what was left out', () => {
    const { facts, hyperParameters, leftOut } = prepareProvenance(version, { label: 'v1' });
    const of = (term: string) => facts.find((fact) => fact.term === term)?.value;
    expect([of('Base model'), of('Parent'), of('Cut'), of('Engine')]).toEqual(['ResNet', 'v1', 'conv5', 'onnxruntime']);
    expect(of('Triplets')).toBe('400 in 20 steps');
    expect(hyperParameters).toEqual([
      { term: 'margin', value: '0.4' },
      { term: 'learningRate', value: '0.0008412' },
      { term: 'selection', value: 'drawn' },
    ]);
    expect(leftOut).toEqual([{ term: 'a face that never moves', value: '1 track' }]);
  });

  it('has little to say of a base model', () => {
    const { facts, hyperParameters } = prepareProvenance({ ...version, provenance: null }, undefined);
    expect(facts.map(({ term }) => term)).toEqual(['Base model', 'Parent', 'Cut', 'Created']);
    expect(hyperParameters).toEqual([]);
  });
});
