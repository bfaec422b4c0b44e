/** Least privilege first; each role may do what the ones before it may. `auditor` stands apart: reads everything, changes nothing. */
export const roles = ['viewer', 'operator', 'engineer', 'admin', 'auditor'] as const;
export type Role = (typeof roles)[number];

export const permissions = {
  'site.read': ['viewer', 'operator', 'engineer', 'admin', 'auditor'],
  'identity.write': ['operator', 'engineer', 'admin'],
  'event.export': ['operator', 'engineer', 'admin', 'auditor'],
  'event.review': ['operator', 'engineer', 'admin'],
  'camera.write': ['operator', 'engineer', 'admin'],
  'version.deploy': ['operator', 'engineer', 'admin'],
  'training.control': ['operator', 'engineer', 'admin'],
  'policy.write': ['engineer', 'admin'],
  'fleet.write': ['engineer', 'admin'],
  'audit.read': ['admin', 'auditor'],
  'retention.write': ['admin'],
  'user.write': ['admin'],
} as const satisfies Record<string, readonly Role[]>;
export type Permission = keyof typeof permissions;

export function may(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role);
}
