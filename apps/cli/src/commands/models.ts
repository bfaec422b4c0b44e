import { ensureDefaultModels } from '@saface/engine';
import type { Command } from 'commander';
import { folders } from '../env.ts';
import { printResult, table } from '../output.ts';

export function addModelsCommand(program: Command): void {
  const models = program.command('models').description('the models that SaFace starts with');
  models
    .command('build')
    .description('convert the default models to ONNX, if that was not done yet, and list them')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { json: boolean }) => {
      const built = await ensureDefaultModels(folders.models);
      const files = { detector: built.detector, landmarks: built.landmarks, recogniser: built.recogniser };
      printResult(
        { ...files, spec: built.spec },
        {
          json,
          text: () =>
            table([
              ['model', 'MB', 'sha256'],
              ...Object.entries(files).map(([name, file]) => [
                name,
                (file.bytes / 1e6).toFixed(1),
                file.sha256.slice(0, 12),
              ]),
            ]),
        },
      );
    });
}
