-- Detectors of their own, so that others can be imported and base models choose among them.
CREATE TABLE "Detector" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "family" TEXT NOT NULL,
  "licence" TEXT,
  "source" TEXT,
  "sha256" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "Detector_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Detector_name_key" ON "Detector"("name");
CREATE INDEX "Detector_sha256_idx" ON "Detector"("sha256");
ALTER TABLE "Detector" ADD CONSTRAINT "Detector_sha256_fkey" FOREIGN KEY ("sha256") REFERENCES "Artifact"("sha256") ON DELETE RESTRICT ON UPDATE CASCADE;

-- So far there was one kind: face-api's.
INSERT INTO "Detector" ("id", "name", "family", "licence", "sha256")
SELECT 'detector-' || left("detectorSha256", 16), 'SSD MobileNet (' || left("detectorSha256", 8) || ')', 'face-api-ssd', 'MIT', "detectorSha256"
  FROM (SELECT DISTINCT "detectorSha256" FROM "BaseModel") AS used;

ALTER TABLE "BaseModel" ADD COLUMN "detectorId" TEXT;
UPDATE "BaseModel" SET "detectorId" = 'detector-' || left("detectorSha256", 16);
ALTER TABLE "BaseModel" ALTER COLUMN "detectorId" SET NOT NULL, DROP COLUMN "detectorSha256";
ALTER TABLE "BaseModel" ADD CONSTRAINT "BaseModel_detectorId_fkey" FOREIGN KEY ("detectorId") REFERENCES "Detector"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

ALTER TABLE "ModelImport" ADD COLUMN "detectorId" TEXT;
ALTER TABLE "ModelImport" ADD CONSTRAINT "ModelImport_detectorId_fkey" FOREIGN KEY ("detectorId") REFERENCES "Detector"("id") ON DELETE SET NULL ON UPDATE CASCADE;
UPDATE "ModelImport" SET "report" = "report" || '{"kind": "recogniser"}' WHERE "report" IS NOT NULL;
