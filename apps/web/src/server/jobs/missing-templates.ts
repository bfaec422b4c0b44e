import { seal } from '@saface/agent-kit/sealed-file';
import { decodeImage } from '@saface/engine';
import type { Deps } from '../deps.ts';
import { bytesOf } from './enrolment-check.ts';
import type { FaceTools } from './face-tools.ts';

/** Pictures that were seeded with a crop have no template yet; without it nobody would notice that a face is enrolled twice. */
export async function addMissingTemplates(
  deps: Deps,
  toolsFor: (baseModelId: string) => Promise<FaceTools>,
): Promise<number> {
  const { prisma, artifacts, key } = deps;
  const model = await prisma.baseModel.findFirst({ orderBy: { createdAt: 'desc' }, select: { id: true } });
  if (!model) return 0;
  const images = await prisma.enrolmentImage.findMany({
    where: { status: 'accepted', templateSealed: null, cropSha256: { not: null } },
    select: { id: true, cropSha256: true, fileName: true },
    take: 200,
  });
  if (images.length === 0) return 0;
  const tools = await toolsFor(model.id);
  for (const { id, cropSha256, fileName } of images) {
    const crop = await decodeImage(await artifacts.read(cropSha256!), fileName);
    const template = await tools.embed(crop);
    await prisma.enrolmentImage.updateMany({
      where: { id },
      data: { templateModelId: model.id, templateSealed: new Uint8Array(seal(bytesOf(template), key)) },
    });
  }
  return images.length;
}
