-- Distances of versions differ in scale. A version's threshold was placed from the one that its parent decided with: an operator's
-- own, else the budget's, else the parent's, else the base model's.
ALTER TABLE "ModelVersion" ADD COLUMN "distanceScale" DOUBLE PRECISION NOT NULL DEFAULT 1;

CREATE TEMPORARY TABLE decided ON COMMIT DROP AS
SELECT
  v."id",
  v."parentId",
  v."threshold",
  COALESCE(
    CASE WHEN v."baseModelId" = s."baseModelId" THEN (s."decision"->>'threshold')::double precision END,
    CASE
      WHEN (v."budget"->>'alarmsPerWeek')::double precision = (s."decision"->>'falseAlarmsPerWeek')::double precision
        AND (v."budget"->>'threshold')::double precision > 0
      THEN (v."budget"->>'threshold')::double precision
    END,
    v."threshold",
    (b."recogniser"->>'defaultThreshold')::double precision
  ) AS "by",
  (b."recogniser"->>'defaultThreshold')::double precision AS "base"
FROM "ModelVersion" AS v
JOIN "Scenario" AS s ON s."id" = v."scenarioId"
JOIN "BaseModel" AS b ON b."id" = v."baseModelId";

WITH RECURSIVE scaled AS (
  SELECT d."id", COALESCE(d."threshold" / d."base", 1) AS "scale" FROM decided AS d WHERE d."parentId" IS NULL
  UNION ALL
  SELECT d."id", parent."scale" * COALESCE(d."threshold" / p."by", 1)
  FROM scaled AS parent
  JOIN decided AS p ON p."id" = parent."id"
  JOIN decided AS d ON d."parentId" = parent."id"
)
UPDATE "ModelVersion" AS v SET "distanceScale" = scaled."scale" FROM scaled WHERE scaled."id" = v."id" AND scaled."scale" > 0;

-- The runner-up margin was a distance and is now a share of the threshold that the champion decides with.
UPDATE "Scenario" AS s
SET "decision" = jsonb_set(
  s."decision"::jsonb,
  '{margin}',
  to_jsonb(LEAST(1, ROUND(((s."decision"->>'margin')::double precision / d."by")::numeric, 4)))
)
FROM "Alias" AS a
JOIN decided AS d ON d."id" = a."versionId"
WHERE a."scenarioId" = s."id" AND a."name" = 'champion';

-- An operator's own threshold was a distance under the champion and is now one under the base model.
UPDATE "Scenario" AS s
SET "decision" = jsonb_set(
  s."decision"::jsonb,
  '{threshold}',
  to_jsonb(ROUND(((s."decision"->>'threshold')::double precision / v."distanceScale")::numeric, 4))
)
FROM "Alias" AS a
JOIN "ModelVersion" AS v ON v."id" = a."versionId"
WHERE a."scenarioId" = s."id" AND a."name" = 'champion' AND s."decision"->>'threshold' IS NOT NULL;
