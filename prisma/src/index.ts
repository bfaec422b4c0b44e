export { createPrisma, type Db, Prisma, type PrismaClient } from './client.ts';
