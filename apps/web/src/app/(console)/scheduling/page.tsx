import type { Metadata } from 'next';
import { SchedulingPage } from '../../../features/scheduling/index.ts';

export const metadata: Metadata = { title: 'Scheduling' };

export default function Page() {
  return <SchedulingPage />;
}
