/** A face box whose corners turn into a learning curve. */
export function Logo({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" fill="none" className={className} aria-hidden="true">
      <path
        d="M3 8V5a2 2 0 0 1 2-2h3M16 3h3a2 2 0 0 1 2 2v3M21 16v3a2 2 0 0 1-2 2h-3M8 21H5a2 2 0 0 1-2-2v-3"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        opacity="0.55"
      />
      <path d="M6.5 16c3.2 0 3.8-7.5 11-8" stroke="currentColor" strokeWidth="2.25" strokeLinecap="round" />
      <circle cx="17.5" cy="8" r="1.9" fill="currentColor" />
    </svg>
  );
}
