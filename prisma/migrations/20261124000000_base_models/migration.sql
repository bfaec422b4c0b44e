-- Base models beside the one that is built in: imported files, crops per base model, scenarios that move between them.
ALTER TYPE "DeploymentKind" ADD VALUE 'rebase';

CREATE TYPE "ImportStatus" AS ENUM ('pending', 'ready', 'refused', 'confirmed');

CREATE TYPE "MoveStatus" AS ENUM ('preparing', 'done', 'failed', 'cancelled');

ALTER TABLE "BaseModel" ADD COLUMN "licence" TEXT, ADD COLUMN "source" TEXT, ADD COLUMN "cuts" JSONB;

CREATE TABLE "EnrolmentCrop" (
  "imageId" TEXT NOT NULL,
  "baseModelId" TEXT NOT NULL,
  "cropSha256" TEXT,
  "reason" TEXT,
  "templateSealed" BYTEA,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "EnrolmentCrop_pkey" PRIMARY KEY ("imageId", "baseModelId")
);
CREATE INDEX "EnrolmentCrop_baseModelId_idx" ON "EnrolmentCrop"("baseModelId");
CREATE INDEX "EnrolmentCrop_cropSha256_idx" ON "EnrolmentCrop"("cropSha256");

CREATE TABLE "ModelImport" (
  "id" TEXT NOT NULL,
  "status" "ImportStatus" NOT NULL DEFAULT 'pending',
  "fileName" TEXT NOT NULL,
  "bytes" INTEGER NOT NULL,
  "uploadSha256" TEXT,
  "onnxSha256" TEXT,
  "report" JSONB,
  "reason" TEXT,
  "remedy" TEXT,
  "baseModelId" TEXT,
  "requestedByName" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "checkedAt" TIMESTAMPTZ(3),
  CONSTRAINT "ModelImport_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "ModelImport_uploadSha256_idx" ON "ModelImport"("uploadSha256");
CREATE INDEX "ModelImport_onnxSha256_idx" ON "ModelImport"("onnxSha256");
CREATE INDEX "ModelImport_createdAt_idx" ON "ModelImport"("createdAt");

CREATE TABLE "BaseModelMove" (
  "id" TEXT NOT NULL,
  "scenarioId" TEXT NOT NULL,
  "baseModelId" TEXT NOT NULL,
  "fromBaseModelId" TEXT NOT NULL,
  "status" "MoveStatus" NOT NULL DEFAULT 'preparing',
  "reason" TEXT NOT NULL,
  "requestedByName" TEXT NOT NULL,
  "pictures" INTEGER NOT NULL DEFAULT 0,
  "prepared" INTEGER NOT NULL DEFAULT 0,
  "error" TEXT,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "endedAt" TIMESTAMPTZ(3),
  CONSTRAINT "BaseModelMove_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "BaseModelMove_scenarioId_createdAt_idx" ON "BaseModelMove"("scenarioId", "createdAt");
-- One move of a scenario at a time.
CREATE UNIQUE INDEX "BaseModelMove_one_at_a_time" ON "BaseModelMove"("scenarioId") WHERE "status" = 'preparing';

ALTER TABLE "EnrolmentCrop" ADD CONSTRAINT "EnrolmentCrop_imageId_fkey" FOREIGN KEY ("imageId") REFERENCES "EnrolmentImage"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentCrop" ADD CONSTRAINT "EnrolmentCrop_baseModelId_fkey" FOREIGN KEY ("baseModelId") REFERENCES "BaseModel"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "EnrolmentCrop" ADD CONSTRAINT "EnrolmentCrop_cropSha256_fkey" FOREIGN KEY ("cropSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "ModelImport" ADD CONSTRAINT "ModelImport_uploadSha256_fkey" FOREIGN KEY ("uploadSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "ModelImport" ADD CONSTRAINT "ModelImport_onnxSha256_fkey" FOREIGN KEY ("onnxSha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "ModelImport" ADD CONSTRAINT "ModelImport_baseModelId_fkey" FOREIGN KEY ("baseModelId") REFERENCES "BaseModel"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "BaseModelMove" ADD CONSTRAINT "BaseModelMove_scenarioId_fkey" FOREIGN KEY ("scenarioId") REFERENCES "Scenario"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "BaseModelMove" ADD CONSTRAINT "BaseModelMove_baseModelId_fkey" FOREIGN KEY ("baseModelId") REFERENCES "BaseModel"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- So far every crop was made for the one base model that scenarios used: the one it has a template of, or else the newest.
INSERT INTO "EnrolmentCrop" ("imageId", "baseModelId", "cropSha256", "templateSealed")
SELECT image."id", model."id", image."cropSha256", image."templateSealed"
  FROM "EnrolmentImage" AS image
  CROSS JOIN LATERAL (
    SELECT "id" FROM "BaseModel" ORDER BY ("id" = image."templateModelId") DESC NULLS LAST, "createdAt" DESC LIMIT 1
  ) AS model
 WHERE image."cropSha256" IS NOT NULL AND image."status" = 'accepted';

ALTER TABLE "EnrolmentImage" DROP COLUMN "templateSealed", DROP COLUMN "templateModelId";
