import { auditRouter } from './audit/router.ts';
import { camerasRouter } from './cameras/router.ts';
import { evaluationsRouter } from './evaluations/router.ts';
import { eventsRouter } from './events/router.ts';
import { fleetRouter } from './fleet/router.ts';
import { galleriesRouter } from './galleries/router.ts';
import { identitiesRouter } from './identities/router.ts';
import { liveRouter } from './live/router.ts';
import { metricsRouter } from './metrics/router.ts';
import { modelsRouter } from './models/router.ts';
import { overviewRouter } from './overview/router.ts';
import { pretrainingRouter } from './pretraining/router.ts';
import { scenariosRouter } from './scenarios/router.ts';
import { schedulingRouter } from './scheduling/router.ts';
import { sitesRouter } from './sites/router.ts';
import { trainingRouter } from './training/router.ts';
import { createCallerFactory, createRouter } from './trpc.ts';
import { usersRouter } from './users/router.ts';
import { versionsRouter } from './versions/router.ts';

export const appRouter = createRouter({
  overview: overviewRouter,
  sites: sitesRouter,
  cameras: camerasRouter,
  live: liveRouter,
  events: eventsRouter,
  galleries: galleriesRouter,
  identities: identitiesRouter,
  scenarios: scenariosRouter,
  models: modelsRouter,
  pretraining: pretrainingRouter,
  versions: versionsRouter,
  training: trainingRouter,
  scheduling: schedulingRouter,
  metrics: metricsRouter,
  fleet: fleetRouter,
  audit: auditRouter,
  users: usersRouter,
  evaluations: evaluationsRouter,
});
export type AppRouter = typeof appRouter;

export const createCaller = createCallerFactory(appRouter);
