-- Versions beside each other on live tracks, thresholds from the false-alarm budget, retired versions.
ALTER TYPE "DeploymentKind" ADD VALUE 'watch';
ALTER TYPE "DeploymentKind" ADD VALUE 'retire';

CREATE TYPE "ComparisonKind" AS ENUM ('shadow', 'watch');

ALTER TABLE "ModelVersion"
  ADD COLUMN "budget" JSONB,
  ADD COLUMN "retiredAt" TIMESTAMPTZ(3),
  ADD COLUMN "retiredByName" TEXT,
  ADD COLUMN "retiredReason" TEXT;

ALTER TABLE "ErasureReceipt" ADD COLUMN "retiredVersionIds" TEXT[];

CREATE TABLE "LiveComparison" (
  "versionId" TEXT NOT NULL,
  "kind" "ComparisonKind" NOT NULL,
  "againstVersionId" TEXT NOT NULL,
  "decision" TEXT NOT NULL,
  "reason" TEXT NOT NULL,
  "tracks" INTEGER NOT NULL,
  "report" JSONB NOT NULL,
  "updatedAt" TIMESTAMPTZ(3) NOT NULL,
  CONSTRAINT "LiveComparison_pkey" PRIMARY KEY ("versionId", "kind")
);
ALTER TABLE "LiveComparison" ADD CONSTRAINT "LiveComparison_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "ModelVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;
