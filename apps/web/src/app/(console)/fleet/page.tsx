import type { Metadata } from 'next';
import { FleetPage } from '../../../features/fleet/index.ts';

export const metadata: Metadata = { title: 'Fleet' };

export default function Page() {
  return <FleetPage />;
}
