import type { ImportedCut, ImportedRecogniser, LibraryModel } from '@saface/engine';
import { table } from '../output.ts';

/** The cuts as people read them; the chosen one is marked. */
export function cutTable(cuts: readonly ImportedCut[], chosen: string): string {
  const millions = (count: number) => (count / 1e6).toFixed(2);
  return table([
    ['cut', 'features', 'frozen M par.', 'MFLOP', 'learner M par.', 'MFLOP', 'share', ''],
    ...cuts.map(({ tensor, shape, extractor, learner, learnerShare, obstacle }) => [
      tensor,
      shape.join('x'),
      millions(extractor.parameters),
      millions(extractor.flops),
      millions(learner.parameters),
      millions(learner.flops),
      `${(learnerShare * 100).toFixed(0)} %`,
      tensor === chosen ? 'default' : obstacle ? 'cannot learn' : '',
    ]),
  ]);
}

export function describeRecogniser(
  model: LibraryModel,
  { spec, cuts, obstacle, probe, notes, doubt }: ImportedRecogniser,
): string {
  const { settled, confidence } = probe;
  const { input } = spec;
  const how = (part: keyof typeof settled) =>
    settled[part] === 'declared' ? 'declared' : `probed, ${(confidence[part] * 100).toFixed(0)} % sure`;
  const mean = input.mean.map((value) => value.toFixed(1)).join(', ');
  const scale = input.scale.map((value) => `1/${(1 / value).toFixed(1)}`).join(', ');
  const cut = cuts.find(({ tensor }) => tensor === spec.defaultCut);
  return [
    `${model.name}: ${spec.dimension} values for each ${input.size}x${input.size} face, ${(model.bytes / 1e6).toFixed(1)} MB, sha256 ${model.sha256.slice(0, 12)}`,
    ...(doubt === null ? [] : [doubt]),
    ...notes,
    `(value - ${mean}) * ${scale} (${how('normalisation')}), ${input.channels.toUpperCase()} (${how('channels')}), ${probe.candidates[0]?.template} alignment (${how('template')})`,
    `Threshold ${spec.defaultThreshold.toFixed(3)} until a scenario has its own`,
    cut && !obstacle
      ? `Cut at ${cut.tensor}: the learner has ${(cut.learner.parameters / 1e6).toFixed(2)} M parameters and ${(cut.learnerShare * 100).toFixed(0)} % of the work; ${cuts.length} legal cuts (\`saface models cuts ${model.name}\`)`
      : `Recognition only, it will not learn: ${obstacle}`,
  ].join('\n');
}
