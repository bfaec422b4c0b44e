import { describeError } from '@saface/core';
import { type SceneSpec, Stage, type StagedFrame } from './stage.ts';

/** What the pool asks of a worker process, and what it answers. One process renders one scene, a frame at a time. */
export type WorkerRequest = { readonly spec: SceneSpec } | { readonly frame: number };
export type WorkerReply =
  | { readonly frame: number; readonly result: StagedFrame }
  | { readonly frame: number | null; readonly error: string };

let stage: Stage | null = null;

process.on('message', async (request: WorkerRequest) => {
  try {
    if ('spec' in request) {
      stage = new Stage(request.spec);
      return;
    }
    if (stage === null) throw new Error('asked for a frame before the scene');
    reply({ frame: request.frame, result: await stage.render(request.frame) });
  } catch (error) {
    reply({ frame: 'frame' in request ? request.frame : null, error: describeError(error) });
  }
});
// The parent is gone: nobody wants the frames.
process.on('disconnect', () => process.exit(0));

function reply(message: WorkerReply): void {
  process.send?.(message);
}
