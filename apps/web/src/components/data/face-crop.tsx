import { UserRound } from 'lucide-react';
import { cn } from '../../lib/cn.ts';

interface FaceCropProps {
  /** Null when the picture was never stored or has been deleted on schedule. */
  src: string | null;
  alt: string;
  className?: string;
}

/** A face picture in a square of fixed size, with a stand-in where there is none. */
export function FaceCrop({ src, alt, className }: FaceCropProps) {
  if (!src) {
    return (
      <span
        role="img"
        aria-label={`${alt}: no picture`}
        className={cn('grid size-10 shrink-0 place-items-center rounded-md bg-muted text-muted-foreground', className)}
      >
        <UserRound className="size-1/2" strokeWidth={1.5} aria-hidden />
      </span>
    );
  }
  return (
    // Behind the session cookie and already small: next/image could neither fetch nor shrink it.
    // biome-ignore lint/performance/noImgElement: see above
    <img
      src={src}
      alt={alt}
      loading="lazy"
      decoding="async"
      className={cn('size-10 shrink-0 rounded-md bg-muted object-cover', className)}
    />
  );
}
