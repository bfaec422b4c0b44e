import type { Role } from '@saface/core/roles';

export const roleWords: Record<Role, string> = {
  viewer:
    'Sees live pictures, events and their pictures, enrolled people with their pictures and consent, models, training and the fleet; exports events as a file.',
  operator:
    'Enrols and erases people, keeps galleries, reviews events, adds and deletes cameras, promotes, rolls back and retires versions, controls training.',
  engineer:
    'Sets policies, creates scenarios, adds and pre-trains models, creates sites, edges and tokens, accepts and revokes agents.',
  admin: 'Adds and disables users, gives roles and passwords; reads the audit log and erasure receipts.',
  auditor: 'Sees and exports what viewers do; reads the audit log and erasure receipts.',
};
