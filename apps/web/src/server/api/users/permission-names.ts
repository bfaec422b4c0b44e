import { type Permission, permissions } from '@saface/core';

export const permissionNames = Object.keys(permissions) as [Permission, ...Permission[]];
