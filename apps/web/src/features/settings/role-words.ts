import type { Role } from '@saface/core/roles';

export const roleWords: Record<Role, string> = {
  viewer: 'Watches: live pictures, events, models, training.',
  operator:
    'Enrols and erases people, reviews events, adds cameras, promotes and rolls back versions, controls training.',
  engineer: 'Sets policies, creates sites, edges and tokens, accepts agents.',
  admin: 'Adds and disables users, gives roles and passwords; reads the audit log.',
  auditor: 'Reads everything including the audit log and erasure receipts.',
};
