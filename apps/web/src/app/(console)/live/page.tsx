import type { Metadata } from 'next';
import { LivePage } from '../../../features/live/index.ts';

export const metadata: Metadata = { title: 'Live' };

export default function Page() {
  return <LivePage />;
}
