import type { Metadata } from 'next';
import { TrainingPage } from '../../../features/training/index.ts';

export const metadata: Metadata = { title: 'Training' };

export default function Page() {
  return <TrainingPage />;
}
