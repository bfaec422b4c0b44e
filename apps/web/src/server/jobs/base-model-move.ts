import { describeError, SafaceError } from '@saface/core';
import { consenting } from '../agents/edge-people.ts';
import type { Deps } from '../deps.ts';
import { finishMove } from '../services/base-model-moves.ts';
import { addCrop, lacking, type ToolsFor } from './enrolment-crops.ts';
import type { JobHandler } from './registry.ts';

/** Pictures between two looks at whether the move is still wanted. */
const CHUNK = 10;

/**
 * Aligns the enrolled pictures that a scenario watches for, then moves it: until all are ready it goes on recognising with
 * the base model it has. Taken up where it was when the worker is killed, as what is aligned stays aligned.
 */
export function baseModelMoveHandler(deps: Deps, toolsFor: ToolsFor): JobHandler<'baseModelMove'> {
  const { prisma } = deps;
  const pending = (moveId: string) => prisma.baseModelMove.findFirst({ where: { id: moveId, status: 'preparing' } });
  const fail = async (moveId: string, why: SafaceError) => {
    await prisma.baseModelMove.updateMany({
      where: { id: moveId, status: 'preparing' },
      data: { status: 'failed', error: describeError(why), endedAt: new Date() },
    });
  };
  return {
    queue: 'baseModelMove',
    concurrency: 1,
    async run({ moveId }) {
      const move = await pending(moveId);
      if (!move) return;
      const { scenarioId, baseModelId } = move;
      const watched = {
        identity: { ...consenting(), galleries: { some: { gallery: { scenarios: { some: { scenarioId } } } } } },
      };
      try {
        const tools = await toolsFor(baseModelId);
        const pictures = await prisma.enrolmentImage.count({ where: { status: 'accepted', ...watched } });
        for (;;) {
          const left = await prisma.enrolmentImage.findMany({
            where: { ...lacking(baseModelId), ...watched },
            select: { id: true },
            orderBy: { id: 'asc' },
          });
          const prepared = Math.max(0, pictures - left.length);
          await prisma.baseModelMove.updateMany({ where: { id: moveId }, data: { pictures, prepared } });
          if (left.length === 0) break;
          if (!(await pending(moveId))) return;
          for (const { id } of left.slice(0, CHUNK)) await addCrop(deps, tools, id);
        }
        await finishMove(deps, moveId);
      } catch (error) {
        // What a second try may mend (a database that is away) is tried again; a model that cannot be opened is not.
        if (!(error instanceof SafaceError) || error.code === 'unavailable') throw error;
        await fail(moveId, error);
      }
    },
    giveUp: ({ moveId }, why) => fail(moveId, why),
  };
}
