import type { Metadata } from 'next';
import { ScenariosPage } from '../../../features/scenarios/index.ts';

export const metadata: Metadata = { title: 'Scenarios & models' };

export default function Page() {
  return <ScenariosPage />;
}
