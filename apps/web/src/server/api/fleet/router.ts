import { createRouter } from '../trpc.ts';
import { acceptAgentProcedure } from './accept-agent.ts';
import { createEdgeProcedure } from './create-edge.ts';
import { createTokenProcedure } from './create-token.ts';
import { deleteEdgeProcedure } from './delete-edge.ts';
import { listFleetProcedure } from './list-fleet.ts';
import { listLogsProcedure } from './list-logs.ts';
import { listTokensProcedure } from './list-tokens.ts';
import { renameEdgeProcedure } from './rename-edge.ts';
import { revokeAgentProcedure } from './revoke-agent.ts';
import { revokeTokenProcedure } from './revoke-token.ts';

export const fleetRouter = createRouter({
  list: listFleetProcedure,
  createEdge: createEdgeProcedure,
  renameEdge: renameEdgeProcedure,
  deleteEdge: deleteEdgeProcedure,
  tokens: listTokensProcedure,
  createToken: createTokenProcedure,
  revokeToken: revokeTokenProcedure,
  acceptAgent: acceptAgentProcedure,
  revokeAgent: revokeAgentProcedure,
  logs: listLogsProcedure,
});
