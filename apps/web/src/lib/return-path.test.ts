import { describe, expect, it } from 'vitest';
import { returnPath, signInPath } from './return-path.ts';

describe('returnPath', () => {
  it.each([
    '/',
    '/live/demo-camera-entrance',
    '/events?decision=recognised&person=a%20b&from=1',
    '/?days=7',
    '/scenarios/s#policies',
    '/events?note=http://elsewhere.example//',
    '/sign-ins',
  ])('leads back to %s', (path) => {
    expect(returnPath(path)).toBe(path);
  });

  it.each([
    'https://elsewhere.example',
    '//elsewhere.example',
    '///elsewhere.example',
    '/\\elsewhere.example',
    '\\\\elsewhere.example',
    '/\t/elsewhere.example',
    '/\n/elsewhere.example',
    ' //elsewhere.example',
    '/events\n',
    '/%2Felsewhere.example',
    '/%2f%2felsewhere.example',
    '%2F%2Felsewhere.example',
    '/%5Celsewhere.example',
    '/.//elsewhere.example',
    '/%2e//elsewhere.example',
    'javascript:alert(1)',
    'elsewhere.example',
    '@elsewhere.example',
    '',
  ])('leads nowhere else by %j', (path) => {
    expect(returnPath(path)).toBe('/');
  });

  it('keeps what it lets through on this site, however a browser reads it', () => {
    for (const path of ['/a/..//elsewhere.example', '/a/..\\\\elsewhere.example', '/a@elsewhere.example', '/?//x'])
      expect(new URL(returnPath(path), 'https://saface.example').host).toBe('saface.example');
  });

  it('does not lead to the sign-in page again', () => {
    for (const path of ['/sign-in', '/sign-in/', '/sign-in?returnTo=%2Flive', '/sign-in#x'])
      expect(returnPath(path)).toBe('/');
  });

  it('takes neither what is endless nor what is no text', () => {
    expect(returnPath(`/events?person=${'a'.repeat(2_000)}`)).toBe('/');
    expect([undefined, null, ['/live', '/events'], 7].map(returnPath)).toEqual(['/', '/', '/', '/']);
  });
});

describe('signInPath', () => {
  it('carries the page with its query, so that it comes back whole', () => {
    const path = '/events?person=a%20b&decision=unknown';
    const { pathname, searchParams } = new URL(signInPath(path), 'https://saface.example');
    expect(pathname).toBe('/sign-in');
    expect(returnPath(searchParams.get('returnTo'))).toBe(path);
  });

  it('carries nothing where there is nothing to come back to', () => {
    expect(['/', '/sign-in', '//elsewhere.example'].map(signInPath)).toEqual(['/sign-in', '/sign-in', '/sign-in']);
  });
});
