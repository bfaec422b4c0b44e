import { SafaceError } from '@saface/core';
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
      const report = await centringCheck({ ...foldsPlan(options), trained: shareOf(options.trained) });
      printResult(report, { json: options.json, text: () => describe(report) });
    });
}

/** @throws SafaceError `invalid-input` for anything but a whole number up to 100 */
function shareOf(text: string): number {
  const [percent, ...more] = numbers(text, 'percent');
  if (more.length === 0 && percent <= 100) return percent / 100;
  throw new SafaceError('invalid-input', `"${text}" is no percentage of the way`, 'Give a whole number from 0 to 100.');
}

function describe({ settings, chosenByHeldOut, folds, trained }: CentringReport): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const worse = (count: number) => `${count} of ${folds}`;
  const rows = table([
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
  return `${trained > 0 ? `After ${percent(trained)} of the way of training` : 'Without training'}:\n\n${rows}`;
}
