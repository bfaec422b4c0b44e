-- The runner-up margin was a distance and is now a share of the threshold, so that it means the same under every version.
UPDATE "Scenario" AS s
SET "decision" = jsonb_set(
  s."decision"::jsonb,
  '{margin}',
  to_jsonb(LEAST(1, ROUND(
    (s."decision"->>'margin')::numeric / COALESCE((s."decision"->>'threshold')::numeric, (b."recogniser"->>'defaultThreshold')::numeric),
    4
  )))
)
FROM "BaseModel" AS b
WHERE b."id" = s."baseModelId";

-- Distances of versions differ in scale. What is known of those that are there is where their threshold was placed.
ALTER TABLE "ModelVersion" ADD COLUMN "distanceScale" DOUBLE PRECISION NOT NULL DEFAULT 1;

UPDATE "ModelVersion" AS v
SET "distanceScale" = v."threshold" / (b."recogniser"->>'defaultThreshold')::double precision
FROM "BaseModel" AS b
WHERE b."id" = v."baseModelId" AND v."threshold" > 0;

-- An operator's own threshold was a distance under the champion and is now one under the base model.
UPDATE "Scenario" AS s
SET "decision" = jsonb_set(
  s."decision"::jsonb,
  '{threshold}',
  to_jsonb(ROUND((s."decision"->>'threshold')::numeric / v."distanceScale"::numeric, 4))
)
FROM "Alias" AS a
JOIN "ModelVersion" AS v ON v."id" = a."versionId"
WHERE a."scenarioId" = s."id" AND a."name" = 'champion' AND s."decision"->>'threshold' IS NOT NULL;
