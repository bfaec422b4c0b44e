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
