import type { ModelCut } from '@saface/core/models/import-report';
import { describe, expect, it } from 'vitest';
import { describeSides, suggestCut } from './describe-cut.ts';

const cut = (tensor: string, learnerShare: number, obstacle: string | null = null): ModelCut => ({
  tensor,
  shape: [8],
  extractor: { parameters: 10, flops: 1000 * (1 - learnerShare) },
  learner: { parameters: 10, flops: 1000 * learnerShare },
  obstacle,
});

describe('cuts', () => {
  it('say how much of the work learns', () => {
    expect(describeSides(cut('a', 0.25))).toBe('learner 25 % of 1K FLOPs');
  });

  it('are suggested where the import suggests, else near two fifths of the work, never where nothing can learn', () => {
    const cuts = [cut('early', 0.9), cut('middle', 0.3), cut('late', 0.05)];
    expect(suggestCut(cuts, 'late')).toBe('late');
    expect(suggestCut(cuts, 'gone')).toBe('middle');
    expect(suggestCut([cut('early', 0.9), cut('middle', 0.3, 'TopK')], 'middle')).toBe('early');
    expect(suggestCut([cut('middle', 0.3, 'TopK')], 'middle')).toBe('middle');
  });
});
