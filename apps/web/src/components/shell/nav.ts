import type { Permission } from '@saface/core/roles';
import {
  Activity,
  Boxes,
  BrainCircuit,
  Gauge,
  Images,
  LayoutDashboard,
  type LucideIcon,
  ScrollText,
  Server,
  Settings,
  SlidersHorizontal,
  Video,
} from 'lucide-react';

export interface NavItem {
  href: string;
  label: string;
  icon: LucideIcon;
  /** Other words that the command palette finds it by. */
  keywords: string[];
  /** Addresses of pages that belong to this one. */
  also?: string[];
  /** Hidden from those who may not. */
  permission?: Permission;
}

export const navGroups: { label: string; items: NavItem[] }[] = [
  {
    label: 'Watch',
    items: [
      { href: '/', label: 'Overview', icon: LayoutDashboard, keywords: ['home', 'dashboard', 'alerts'] },
      { href: '/live', label: 'Live', icon: Video, keywords: ['cameras', 'video', 'stream'] },
      { href: '/events', label: 'Events', icon: Activity, keywords: ['recognitions', 'unknown', 'log', 'export'] },
      {
        href: '/galleries',
        label: 'Galleries',
        icon: Images,
        keywords: ['identities', 'people', 'enrol', 'consent'],
        also: ['/identities'],
      },
    ],
  },
  {
    label: 'Learn',
    items: [
      {
        href: '/scenarios',
        label: 'Scenarios',
        icon: BrainCircuit,
        keywords: ['versions', 'promote', 'roll back', 'compare', 'models'],
      },
      { href: '/models', label: 'Models', icon: Boxes, keywords: ['base model', 'import', 'onnx', 'upload', 'cut'] },
      { href: '/training', label: 'Training', icon: Gauge, keywords: ['runs', 'jobs', 'loss', 'triplets'] },
      {
        href: '/scheduling',
        label: 'Scheduling',
        icon: SlidersHorizontal,
        keywords: ['policy', 'alpha', 'batch', 'load'],
      },
    ],
  },
  {
    label: 'Run',
    items: [
      { href: '/fleet', label: 'Fleet', icon: Server, keywords: ['edges', 'cameras', 'tokens', 'agents'] },
      { href: '/audit', label: 'Audit', icon: ScrollText, keywords: ['log', 'hash chain'], permission: 'audit.read' },
      { href: '/settings', label: 'Settings', icon: Settings, keywords: ['users', 'roles', 'profile', 'password'] },
    ],
  },
];

export const navItems = navGroups.flatMap((group) => group.items);

const covers = (href: string, pathname: string) => pathname === href || pathname.startsWith(`${href}/`);

/** Whether the page at `pathname` is this item's or lies below it. */
export function isCurrent(item: NavItem, pathname: string): boolean {
  if (item.href === '/') return pathname === '/';
  return [item.href, ...(item.also ?? [])].some((href) => covers(href, pathname));
}
