import type { Role } from '@saface/core/roles';

export const roleWords: Record<Role, string> = {
  viewer:
    'Sees live pictures, events and their pictures, enrolled people with their pictures and consent, models, training and the fleet.',
  operator:
    'Enrols and erases people, keeps galleries, reviews and exports events, adds and deletes cameras, promotes, rolls back and retires versions, controls training.',
  engineer:
    'Sets policies, creates scenarios, adds and pre-trains models, creates sites, edges and tokens, accepts and revokes agents.',
  admin:
    'Adds and disables users, gives roles and passwords; sets how long data is kept; reads the audit log and erasure receipts.',
  auditor: 'Sees what viewers do and exports events; reads the audit log and erasure receipts.',
};
