import { agentContract } from '@saface/core';
import { createRouter, openProcedure } from '../api/trpc.ts';
import { authenticateAgent } from './authenticate.ts';
import { enrolAgent } from './enrol.ts';
import { pullCameraConfig, pullEdgeConfig } from './pull.ts';
import { pushItems } from './push.ts';

const withAgent = openProcedure.use(async ({ ctx, next }) =>
  next({ ctx: { ...ctx, agent: await authenticateAgent(ctx, ctx.authorization) } }),
);
const { enrol, pullEdgeConfig: pullEdge, pullCameraConfig: pullCamera, push } = agentContract;

/** The agents' own door (/api/agent/trpc), built from core's table. */
export const agentDoor = createRouter({
  agent: createRouter({
    enrol: openProcedure
      .input(enrol.input)
      .output(enrol.output)
      .mutation(({ ctx, input }) => enrolAgent(ctx, input, ctx.address)),
    pullEdgeConfig: withAgent
      .input(pullEdge.input)
      .output(pullEdge.output)
      .mutation(({ ctx, input }) => pullEdgeConfig(ctx, ctx.agent, input)),
    pullCameraConfig: withAgent
      .input(pullCamera.input)
      .output(pullCamera.output)
      .mutation(({ ctx, input }) => pullCameraConfig(ctx, ctx.agent, input)),
    push: withAgent
      .input(push.input)
      .output(push.output)
      .mutation(({ ctx, input }) => pushItems(ctx, ctx.agent, input)),
  }),
});
