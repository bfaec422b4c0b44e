/** Calls in one request: all of them start at once, and share the database with everybody else. */
export const MOST_CALLS = 20;
