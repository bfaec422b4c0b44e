import type { Command } from 'commander';
import { type CentringReport, centringCheck } from '../experiments/centring.ts';
import { printResult, table } from '../output.ts';
import { type FoldsFlags, foldsCommand, foldsPlan, numbers } from './bench-options.ts';

/** Which settings of centring and whitening hold on all cameras, and what choosing one on each is worth. */
export function addCentring(bench: Command): void {
  const description =
    'centring and whitening in any setting, without training or after it, on parts of the first five sixths that they were not fitted to';
  foldsCommand(bench, 'centring', { model: 'resnet', description, folds: '2,3,4,5,6' })
    .option('--trained <percent>', 'how far on the way of training the weights are first', '0')
    .action(async (options: FoldsFlags & { readonly trained: string }) => {
      const [percent] = numbers(options.trained, 'percent');
      const report = await centringCheck({ ...foldsPlan(options), trained: Math.min(100, percent) / 100 });
      printResult(report, { json: options.json, text: () => describe(report) });
    });
}

function describe({ settings, chosenByHeldOut, folds }: CentringReport): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const worse = (count: number) => `${count} of ${folds}`;
  return table([
    ['share', 'shrinkage', 'evenness', 'error cut', 'worse in'],
    ...settings.map((s) => [
      String(s.share),
      String(s.shrinkage),
      String(s.evenness),
      percent(s.errorCut),
      worse(s.worseIn),
    ]),
    ['chosen', 'by held-out', 'tracks', percent(chosenByHeldOut.errorCut), worse(chosenByHeldOut.worseIn)],
  ]);
}
