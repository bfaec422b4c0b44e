'use client';

import { useEffect } from 'react';

/** Marks the document once React has taken it over: whoever drives the page from outside learns that clicks are heard from now on. */
export function Alive() {
  // External system: the document's root element.
  useEffect(() => {
    document.documentElement.dataset.alive = '';
  }, []);
  return null;
}
