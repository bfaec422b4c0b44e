-- A new mark with every transaction that changes who is enrolled, with which pictures, in which gallery: edges ask for their configuration
-- every second, and thousands of people are read again only when the mark is another one. No row: nothing has changed yet.
CREATE TABLE "PeopleMark" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "mark" UUID NOT NULL,
    CONSTRAINT "PeopleMark_pkey" PRIMARY KEY ("id")
);

CREATE FUNCTION "markPeople"() RETURNS trigger AS $$
BEGIN
    -- Once for each transaction, however many rows it changed: a row that is updated again and again gets slower each time.
    IF NOT EXISTS (SELECT FROM "PeopleMark" WHERE "id" = 1 AND xmin = pg_current_xact_id()::xid) THEN
        INSERT INTO "PeopleMark" ("id", "mark") VALUES (1, gen_random_uuid())
        ON CONFLICT ("id") DO UPDATE SET "mark" = EXCLUDED."mark";
    END IF;
    RETURN NULL;
END;
$$ LANGUAGE plpgsql;

-- Deferred to the commit, when a transaction holds all its other locks: whoever waits for the mark then waits for nothing else.
CREATE CONSTRAINT TRIGGER "Identity_mark" AFTER INSERT OR UPDATE OR DELETE ON "Identity"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "markPeople"();
CREATE CONSTRAINT TRIGGER "GalleryIdentity_mark" AFTER INSERT OR UPDATE OR DELETE ON "GalleryIdentity"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "markPeople"();
CREATE CONSTRAINT TRIGGER "EnrolmentImage_mark" AFTER INSERT OR UPDATE OR DELETE ON "EnrolmentImage"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "markPeople"();
CREATE CONSTRAINT TRIGGER "EnrolmentCrop_mark" AFTER INSERT OR UPDATE OR DELETE ON "EnrolmentCrop"
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "markPeople"();
