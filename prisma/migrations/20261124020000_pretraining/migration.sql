-- Base models trained from nothing on a labelled folder of the server.
CREATE TABLE "Pretraining" (
  "id" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "folder" TEXT NOT NULL,
  "settings" JSONB NOT NULL,
  "status" "RunStatus" NOT NULL DEFAULT 'queued',
  "note" TEXT,
  "step" INTEGER NOT NULL DEFAULT 0,
  "steps" INTEGER NOT NULL DEFAULT 0,
  "epoch" INTEGER NOT NULL DEFAULT 0,
  "picturesPerSecond" DOUBLE PRECISION,
  "skipped" TEXT[],
  "error" TEXT,
  "baseModelId" TEXT,
  "requestedByName" TEXT NOT NULL,
  "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "startedAt" TIMESTAMPTZ(3),
  "endedAt" TIMESTAMPTZ(3),
  CONSTRAINT "Pretraining_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "Pretraining_createdAt_idx" ON "Pretraining"("createdAt");

CREATE TABLE "PretrainingPoint" (
  "pretrainingId" TEXT NOT NULL,
  "step" INTEGER NOT NULL,
  "time" TIMESTAMPTZ(3) NOT NULL,
  "loss" DOUBLE PRECISION NOT NULL,
  "heldOut" DOUBLE PRECISION,
  CONSTRAINT "PretrainingPoint_pkey" PRIMARY KEY ("pretrainingId", "step")
);

ALTER TABLE "Pretraining" ADD CONSTRAINT "Pretraining_baseModelId_fkey" FOREIGN KEY ("baseModelId") REFERENCES "BaseModel"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "PretrainingPoint" ADD CONSTRAINT "PretrainingPoint_pretrainingId_fkey" FOREIGN KEY ("pretrainingId") REFERENCES "Pretraining"("id") ON DELETE CASCADE ON UPDATE CASCADE;
