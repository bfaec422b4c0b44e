import { Button } from '../../components/ui/button.tsx';

/** Says that the list stands still, and ends that. Always there, for a screen reader speaks of what changes within. */
export function PausedNotice({ paused, onNewest }: { paused: boolean; onNewest: () => void }) {
  return (
    <div role="status">
      {paused && (
        <div className="flex flex-wrap items-center justify-between gap-x-3 border-b border-border px-4 py-1 text-[13px]">
          <span className="text-muted-foreground">Paused while you look further back.</span>
          <Button variant="link" size="sm" className="h-8 px-0" onClick={onNewest}>
            Show the newest
          </Button>
        </div>
      )}
    </div>
  );
}
