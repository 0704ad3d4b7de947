-- How many rows the audit log and the audits have, for the totals of their lists: counting rows reads all of them. Triggers keep it, one row for each statement that adds or
-- removes any; as in resource_counts, a row is a change and waits for nobody.

CREATE TABLE "log_counts" (
    "log" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "change" INTEGER NOT NULL,

    CONSTRAINT "log_counts_pkey" PRIMARY KEY ("log","id")
);

-- Rows come and go much faster than a fifth of the table changes.
ALTER TABLE "log_counts" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 5000);

CREATE FUNCTION "fold_log_counts"("of_log" TEXT) RETURNS void LANGUAGE sql AS $$
  WITH "free" AS (
    SELECT "log", "id" FROM "log_counts" WHERE "log" = "of_log" FOR UPDATE SKIP LOCKED
  ), "folded" AS (
    DELETE FROM "log_counts" USING "free" WHERE "log_counts"."log" = "free"."log" AND "log_counts"."id" = "free"."id" RETURNING "log_counts"."change"
  )
  INSERT INTO "log_counts" ("log", "change") SELECT "of_log", sum("change") FROM "folded" HAVING sum("change") <> 0;
$$;

-- Of a statement; "changed" are its rows.
CREATE FUNCTION "count_log"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "log_counts" ("log", "change")
  SELECT TG_TABLE_NAME, CASE TG_OP WHEN 'INSERT' THEN count(*) ELSE -count(*) END FROM "changed" HAVING count(*) > 0;
  IF random() < 1.0 / 32 THEN
    PERFORM "fold_log_counts"(TG_TABLE_NAME);
  END IF;
  RETURN NULL;
END;
$$;

CREATE TRIGGER "audit_events_added" AFTER INSERT ON "audit_events" REFERENCING NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();
CREATE TRIGGER "audit_events_removed" AFTER DELETE ON "audit_events" REFERENCING OLD TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();
CREATE TRIGGER "audits_added" AFTER INSERT ON "audits" REFERENCING NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();
CREATE TRIGGER "audits_removed" AFTER DELETE ON "audits" REFERENCING OLD TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();

-- What there is already. Making the triggers has locked both tables against writes until the end of the migration.
INSERT INTO "log_counts" ("log", "change") SELECT 'audit_events', count(*) FROM "audit_events" HAVING count(*) > 0;
INSERT INTO "log_counts" ("log", "change") SELECT 'audits', count(*) FROM "audits" HAVING count(*) > 0;
