-- An edge that is deleted leaves its training runs behind, and receipts say where it never carried out an erasure.
ALTER TABLE "TrainingRun" ALTER COLUMN "edgeServerId" DROP NOT NULL;
ALTER TABLE "TrainingRun" DROP CONSTRAINT "TrainingRun_edgeServerId_fkey";
ALTER TABLE "TrainingRun" ADD CONSTRAINT "TrainingRun_edgeServerId_fkey"
    FOREIGN KEY ("edgeServerId") REFERENCES "EdgeServer"("id") ON DELETE SET NULL ON UPDATE CASCADE;

ALTER TABLE "ErasureReceipt" ADD COLUMN "edgesLost" TEXT[] DEFAULT ARRAY[]::TEXT[];
