-- How far the second person was: for somebody unknown the runner-up is the nearest.
ALTER TABLE "Event" ADD COLUMN "secondDistance" DOUBLE PRECISION;
UPDATE "Event" SET "secondDistance" = "runnerUpDistance" WHERE "decision" = 'recognised';

-- The newest of a version are looked up, not only counted.
CREATE INDEX "Event_versionId_firstSeen_idx" ON "Event"("versionId", "firstSeen" DESC);
DROP INDEX "Event_versionId_idx";
