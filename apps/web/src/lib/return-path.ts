/** Far longer than any address of the console, filters and all. */
const MOST_CHARACTERS = 2_000;

/**
 * Where to go after signing in: the page that was asked for, or the overview. Anybody can write a link to the sign-in page, so
 * what it carries must not lead to another site: after its slash comes a letter or a query, never a second slash, a backslash,
 * a dot or an encoded one of these, and white space nowhere, as browsers drop tabs and line breaks from addresses.
 */
export function returnPath(wanted: unknown): string {
  if (typeof wanted !== 'string' || wanted.length > MOST_CHARACTERS) return '/';
  if (!/^\/(?:[\w?]\S*)?$/.test(wanted)) return '/';
  return /^\/sign-in(?![\w-])/.test(wanted) ? '/' : wanted;
}

/** The sign-in page, which leads back to where somebody was. */
export function signInPath(from: string): string {
  const path = returnPath(from);
  return path === '/' ? '/sign-in' : `/sign-in?${new URLSearchParams({ returnTo: path })}`;
}
