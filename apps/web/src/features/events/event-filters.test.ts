import { describe, expect, it } from 'vitest';
import { exportUrl, readFilters, toQuery } from './event-filters.ts';

describe('event filters', () => {
  it('takes known keys from the address and nothing else', () => {
    const params = new URLSearchParams('decision=unknown&cameraId=c1&event=e9&siteId=%20');
    expect(readFilters(params)).toEqual({ decision: 'unknown', cameraId: 'c1' });
  });

  it('drops what the server would refuse', () => {
    const query = toQuery({ decision: 'maybe', review: 'none', from: 'yesterday', maxDistance: '-1' });
    expect(query).toMatchObject({ decision: undefined, review: 'none', from: undefined, maxDistance: undefined });
  });

  it('reads local times', () => {
    expect(toQuery({ from: '2026-11-23T08:00' }).from).toBe(new Date(2026, 10, 23, 8, 0).getTime());
  });

  it('exports what is shown', () => {
    expect(exportUrl({})).toBe('/api/events/export');
    expect(exportUrl({ decision: 'recognised', maxDistance: '0.6', from: 'never' })).toBe(
      '/api/events/export?decision=recognised&maxDistance=0.6',
    );
  });
});
