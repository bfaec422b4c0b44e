import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError, type RecogniserSpec, recogniserSpecSchema, SafaceError, sha256Schema } from '@saface/core';
import { z } from 'zod';
import { type DetectorSpec, detectorSpecSchema } from '../faces/detector-spec.ts';
import { sha256OfBytes, sha256OfFile } from './sha256.ts';

/** Measured values by name, for people to compare models with ("lfw": 0.994). */
export type ModelFigures = Readonly<Record<string, number | string>>;

interface ModelDescription {
  readonly name: string;
  /** Terms the weights come under; null when nobody said. */
  readonly licence: string | null;
  /** Where the file came from; null when nobody said. */
  readonly source: string | null;
  readonly figures: ModelFigures;
}
type KindAndSpec =
  | { readonly kind: 'recogniser'; readonly spec: RecogniserSpec }
  | { readonly kind: 'detector'; readonly spec: DetectorSpec };

/** A base model that is not built in. */
export type LibraryModel = ModelDescription &
  KindAndSpec & { readonly path: string; readonly sha256: string; readonly bytes: number };

export type NewLibraryModel = Pick<ModelDescription, 'name'> &
  Partial<ModelDescription> &
  KindAndSpec & {
    readonly onnx: Uint8Array;
    /** Takes the place of a model of the same name instead of being refused. */
    readonly replace?: boolean;
  };

const MODEL_FILE = 'model.onnx';
const DESCRIPTION_FILE = 'model.json';

/** What a model may be called: it is a folder's name and an argument on a command line. */
export const modelNameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'a model name is 1 to 64 of a-z, 0-9, ".", "_" and "-"')
  .refine((name) => name !== 'default', '"default" is the recogniser that is built in');

const described = {
  name: modelNameSchema,
  sha256: sha256Schema,
  bytes: z.number().int().positive(),
  licence: z.string().nullable(),
  source: z.string().nullable(),
  figures: z.record(z.string(), z.union([z.number(), z.string()])),
};
const descriptionSchema = z.discriminatedUnion('kind', [
  z.object({ ...described, kind: z.literal('recogniser'), spec: recogniserSpecSchema }),
  z.object({ ...described, kind: z.literal('detector'), spec: detectorSpecSchema }),
]);

/**
 * A folder of base models: `<dir>/<name>/{model.onnx,model.json}`. A model's folder appears whole or not at all, so a
 * process that is killed half-way leaves nothing that `list` would show.
 */
export class ModelLibrary {
  readonly #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** All models by name; their files are not read. A folder that is no model is left out. */
  async list(): Promise<LibraryModel[]> {
    const models = await Promise.all(
      (await this.#folders()).filter((name) => modelNameSchema.safeParse(name).success).map((name) => this.#read(name)),
    );
    return models.flatMap((model) => model ?? []);
  }

  /**
   * One model, its file checked against its hash.
   * @throws SafaceError 'not-found' that lists the models there are, 'integrity' when the file was changed
   */
  async get(name: string): Promise<LibraryModel> {
    const model = modelNameSchema.safeParse(name).success ? await this.#read(name) : null;
    if (!model) {
      const names = (await this.list()).map((known) => known.name);
      throw new SafaceError(
        'not-found',
        `The model library has no "${name}"`,
        names.length > 0
          ? `It has: ${names.join(', ')}. Others come with \`saface models import\` or \`saface models pull\`.`
          : 'It is empty: fill it with `saface models import` or `saface models pull`.',
      );
    }
    if ((await sha256OfFile(model.path)) !== model.sha256) {
      throw new SafaceError(
        'integrity',
        `The file of the model "${name}" is not the one that was imported`,
        `Remove it with \`saface models remove ${name}\` and import it again.`,
      );
    }
    return model;
  }

  /**
   * @throws SafaceError 'invalid-input' for a name or spec that cannot be, 'conflict' when the name is taken and
   * `replace` is not set, 'exhausted' when the folder cannot be written
   */
  async add({ onnx, replace = false, ...model }: NewLibraryModel): Promise<LibraryModel> {
    const parsed = descriptionSchema.safeParse({
      ...model,
      // What is not known may also be given as undefined.
      licence: model.licence ?? null,
      source: model.source ?? null,
      figures: model.figures ?? {},
      sha256: sha256OfBytes(onnx),
      bytes: onnx.length,
    });
    if (!parsed.success) {
      throw new SafaceError(
        'invalid-input',
        `The model "${model.name}" cannot be added: ${z.prettifyError(parsed.error)}`,
        'Correct what is named above.',
      );
    }
    if (!replace && (await this.#folders()).includes(model.name)) {
      throw new SafaceError(
        'conflict',
        `The model library has a "${model.name}" already`,
        'Choose another name, or replace it with --replace.',
      );
    }
    const temporary = join(this.#dir, `.${model.name}.${randomUUID()}.tmp`);
    try {
      await mkdir(temporary, { recursive: true });
      await writeFile(join(temporary, MODEL_FILE), onnx);
      await writeFile(join(temporary, DESCRIPTION_FILE), `${JSON.stringify(parsed.data, null, 2)}\n`);
      if (replace) await this.#takeAway(model.name);
      await rename(temporary, join(this.#dir, model.name));
    } catch (cause) {
      await rm(temporary, { recursive: true, force: true });
      throw new SafaceError(
        'exhausted',
        `Cannot write the model "${model.name}" to "${this.#dir}" (${describeError(cause)})`,
        `Check that the folder is writable and the disk has ${Math.ceil(onnx.length / 1e6)} MB left.`,
        { cause },
      );
    }
    return { ...parsed.data, path: join(this.#dir, model.name, MODEL_FILE) };
  }

  /** @throws SafaceError 'not-found' */
  async remove(name: string): Promise<void> {
    // A model whose file was changed must be removable, so the hash is not looked at.
    if (!(modelNameSchema.safeParse(name).success && (await this.#takeAway(name)))) await this.get(name);
  }

  async #folders(): Promise<string[]> {
    try {
      return (await readdir(this.#dir)).sort();
    } catch (cause) {
      // Before the first model there is no folder.
      if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
      throw new SafaceError(
        'unavailable',
        `The model library "${this.#dir}" cannot be read (${describeError(cause)})`,
        'Check that it is a folder and readable.',
        { cause },
      );
    }
  }

  async #read(name: string): Promise<LibraryModel | null> {
    try {
      const text = await readFile(join(this.#dir, name, DESCRIPTION_FILE), 'utf8');
      return { ...descriptionSchema.parse(JSON.parse(text)), path: join(this.#dir, name, MODEL_FILE) };
    } catch {
      // No description, or one that somebody damaged: there is no model to speak of.
      return null;
    }
  }

  /** Moves the folder aside in one step before it is deleted; false when there is none. */
  async #takeAway(name: string): Promise<boolean> {
    if (!(await this.#folders()).includes(name)) return false;
    const aside = join(this.#dir, `.${name}.${randomUUID()}.gone`);
    await rename(join(this.#dir, name), aside);
    await rm(aside, { recursive: true, force: true });
    return true;
  }
}
