import Link from 'next/link';
import { Button } from '../components/ui/button.tsx';

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-content-center justify-items-center gap-3 p-6 text-center">
      <h1 className="text-xl font-semibold">There is nothing at this address</h1>
      <p className="max-w-md text-sm text-muted-foreground">
        It may have been deleted, or it is not yours to see. Go back to the overview and look for it there.
      </p>
      <Button asChild>
        <Link href="/">Go to the overview</Link>
      </Button>
    </main>
  );
}
