import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { writeFileSafely } from '@saface/agent-kit';
import { describeError } from '@saface/core';
import { createOrtClassifier, ensureLabelledFolder, pretrain } from '@saface/engine';
import { type PretrainingNote, type PretrainingOrder, RESULT_MODEL, RESULT_SPEC } from './pretraining-protocol.ts';

/** Entry of a pre-training: a process of its own, which computes for hours and must not hold up the worker's other jobs. */
setPriority(constants.priority.PRIORITY_LOW);
process.on('disconnect', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
// Ctrl-C in a terminal reaches every process; the worker decides when this one ends.
process.on('SIGINT', () => undefined);

process.once('message', (message) => {
  work(message as PretrainingOrder).then(
    () => finish({ kind: 'done' }),
    (error: unknown) => finish({ kind: 'failed', message: describeError(error).slice(0, 2000) }),
  );
});

async function work(order: PretrainingOrder): Promise<void> {
  const { folder, cacheDir, modelsDir, runDir, settings, threads, name } = order;
  const { backbone, width, inputSize, head, epochs, batchSize, learningRate } = settings;
  const dataset = await ensureLabelledFolder(folder, {
    cacheDir,
    modelsDir,
    size: inputSize,
    threads,
    onPerson: (done, total) => tell({ kind: 'preparing', done, total }),
  });
  try {
    tell({ kind: 'prepared', skipped: dataset.skipped.slice(0, 200).map(({ file, reason }) => `${file}: ${reason}`) });
    const { onnx, spec } = await pretrain({
      dataset,
      backbone: { name: backbone, width, inputSize },
      head,
      options: { epochs, batchSize, schedule: { learningRate } },
      checkpointDir: join(runDir, 'checkpoint'),
      createTrainer: (options) => createOrtClassifier({ ...options, threads }),
      onProgress: (progress) => tell({ kind: 'progress', progress }),
    });
    await writeFileSafely(join(runDir, RESULT_MODEL), onnx);
    // Written last: it stands for both.
    await writeFileSafely(join(runDir, RESULT_SPEC), JSON.stringify({ ...spec, name }));
  } finally {
    await dataset.close();
  }
}

function tell(note: PretrainingNote): void {
  if (process.connected) process.send?.(note);
}

/** Ends only after the last word has left. */
async function finish(note: PretrainingNote): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.connected) process.send?.(note, () => resolve());
    else resolve();
  });
  process.exit(0);
}
