-- How many servers and databases an account has, by region and status: what a list tells as its total. Triggers keep it, so that no code path can forget to.
--
-- A row is a change, not a count: whoever creates or changes a resource adds rows of its own and waits for nobody. The count is their sum. One change in 32 also
-- puts the rows of its account together, as far as nobody else is doing that.

CREATE TABLE "resource_counts" (
    "account_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "change" INTEGER NOT NULL,

    CONSTRAINT "resource_counts_pkey" PRIMARY KEY ("account_id","kind","region","status","id")
);

-- Rows come and go much faster than a fifth of the table changes.
ALTER TABLE "resource_counts" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 5000);

CREATE FUNCTION "fold_resource_counts"("of_account" TEXT, "of_kind" TEXT) RETURNS void LANGUAGE sql AS $$
  WITH "free" AS (
    SELECT "account_id", "kind", "region", "status", "id" FROM "resource_counts"
    WHERE "account_id" = "of_account" AND "kind" = "of_kind" FOR UPDATE SKIP LOCKED
  ), "folded" AS (
    DELETE FROM "resource_counts" USING "free"
    WHERE "resource_counts"."account_id" = "free"."account_id" AND "resource_counts"."kind" = "free"."kind" AND "resource_counts"."region" = "free"."region"
      AND "resource_counts"."status" = "free"."status" AND "resource_counts"."id" = "free"."id"
    RETURNING "resource_counts"."region", "resource_counts"."status", "resource_counts"."change"
  )
  INSERT INTO "resource_counts" ("account_id", "kind", "region", "status", "change")
  SELECT "of_account", "of_kind", "region", "status", sum("change") FROM "folded" GROUP BY "region", "status" HAVING sum("change") <> 0;
$$;

-- Of one row: TG_ARGV[0] is its kind. A row with deleted_at counts nowhere.
CREATE FUNCTION "count_resource"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD."deleted_at" IS NULL THEN
    INSERT INTO "resource_counts" ("account_id", "kind", "region", "status", "change")
    VALUES (OLD."account_id", TG_ARGV[0], OLD."region", OLD."status", -1);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW."deleted_at" IS NULL THEN
    INSERT INTO "resource_counts" ("account_id", "kind", "region", "status", "change")
    VALUES (NEW."account_id", TG_ARGV[0], NEW."region", NEW."status", 1);
  END IF;
  IF random() < 1.0 / 32 THEN
    PERFORM "fold_resource_counts"(coalesce(NEW."account_id", OLD."account_id"), TG_ARGV[0]);
  END IF;
  RETURN NULL;
END;
$$;

-- AFTER: the row is there or the statement has failed. An update fires only if it changes what is counted.
CREATE TRIGGER "servers_counted" AFTER INSERT OR DELETE ON "servers" FOR EACH ROW EXECUTE FUNCTION "count_resource"('server');
CREATE TRIGGER "servers_recounted" AFTER UPDATE ON "servers" FOR EACH ROW
  WHEN (OLD."status" <> NEW."status" OR (OLD."deleted_at" IS NULL) <> (NEW."deleted_at" IS NULL) OR OLD."region" <> NEW."region" OR OLD."account_id" <> NEW."account_id")
  EXECUTE FUNCTION "count_resource"('server');
CREATE TRIGGER "databases_counted" AFTER INSERT OR DELETE ON "databases" FOR EACH ROW EXECUTE FUNCTION "count_resource"('database');
CREATE TRIGGER "databases_recounted" AFTER UPDATE ON "databases" FOR EACH ROW
  WHEN (OLD."status" <> NEW."status" OR (OLD."deleted_at" IS NULL) <> (NEW."deleted_at" IS NULL) OR OLD."region" <> NEW."region" OR OLD."account_id" <> NEW."account_id")
  EXECUTE FUNCTION "count_resource"('database');

-- What there is already. Making the triggers has locked both tables against writes until the end of the migration.
INSERT INTO "resource_counts" ("account_id", "kind", "region", "status", "change")
  SELECT "account_id", 'server', "region", "status", count(*) FROM "servers" WHERE "deleted_at" IS NULL GROUP BY "account_id", "region", "status";
INSERT INTO "resource_counts" ("account_id", "kind", "region", "status", "change")
  SELECT "account_id", 'database', "region", "status", count(*) FROM "databases" WHERE "deleted_at" IS NULL GROUP BY "account_id", "region", "status";
