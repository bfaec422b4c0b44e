import { parentPort, workerData } from 'node:worker_threads';
import { describeError, SafaceError } from '@saface/core';
import { FacePipeline, landmarkerFor } from '@saface/engine/faces/index';
import { openDetector } from '@saface/engine/models/registry';
import type { ProbeFinderSettings } from './probe-finder.ts';
import type { WorkerAnswer, WorkerRequest } from './probe-worker-protocol.ts';

// ONNX Runtime blocks the thread it runs on; in a thread of its own it neither delays the decoder nor the link to the edge.
const port = parentPort;
if (!port) throw new SafaceError('internal', 'probe-worker.ts runs as a worker thread only', 'Start main.ts.');

const settings = workerData as ProbeFinderSettings;
const session = { threads: settings.threads };

async function createPipeline(): Promise<FacePipeline> {
  const { detector, landmarks, alignment, tracker, minFaceSize, detectorThreshold } = settings;
  return new FacePipeline({
    detector: await openDetector(detector, { minFaceSize, scoreThreshold: detectorThreshold, session }),
    landmarker: await landmarkerFor(landmarks, alignment, session),
    alignment,
    tracker,
  });
}

const answer = (message: WorkerAnswer, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const failure = (error: unknown): Extract<WorkerAnswer, { type: 'failed' }> => ({
  type: 'failed',
  code: error instanceof SafaceError ? error.code : 'internal',
  message: error instanceof SafaceError ? error.message : describeError(error),
  remedy: error instanceof SafaceError ? error.remedy : 'Look at the log of the camera agent.',
});

async function obey(pipeline: FacePipeline, request: WorkerRequest): Promise<void> {
  if (request.type === 'reset') pipeline.reset();
  else if (request.type === 'end') port!.close();
  else {
    const { probes, endedTracks } = await pipeline.process(request.frame);
    const found = probes.map(({ reasons: _, ...probe }) => probe);
    answer(
      { type: 'found', found: { probes: found, endedTracks } },
      found.map(({ crop }) => crop.data.buffer as ArrayBuffer),
    );
  }
}

try {
  const pipeline = await createPipeline();
  // One after another: a reset or an end that overtook a frame would come between its detection and its tracking.
  let work: Promise<void> = Promise.resolve();
  port.on('message', (request: WorkerRequest) => {
    work = work.then(() => obey(pipeline, request)).catch((error: unknown) => answer(failure(error)));
  });
  answer({ type: 'ready' });
} catch (error) {
  answer(failure(error));
  port.close();
}
