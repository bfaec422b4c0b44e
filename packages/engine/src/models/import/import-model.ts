import { type ImportedDetector, importDetector } from './import-detector.ts';
import { type ImportedRecogniser, importRecogniser, type RecogniserImport } from './import-recogniser.ts';

export type ImportOptions =
  | ({ readonly kind: 'recogniser' } & RecogniserImport)
  | { readonly kind: 'detector'; readonly name: string };
export type ImportedModel = ImportedRecogniser | ImportedDetector;

/** Takes in a model file of any exporter; what it returns can go into the model library or the registry as it is. */
export async function importModel(
  bytes: Uint8Array,
  options: { readonly kind: 'recogniser' } & RecogniserImport,
): Promise<ImportedRecogniser>;
export async function importModel(
  bytes: Uint8Array,
  options: { readonly kind: 'detector'; readonly name: string },
): Promise<ImportedDetector>;
export async function importModel(bytes: Uint8Array, options: ImportOptions): Promise<ImportedModel> {
  return options.kind === 'recogniser' ? importRecogniser(bytes, options) : importDetector(bytes, options);
}
