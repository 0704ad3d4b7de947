-- What is promised in each region: what the next reservation has to fit beside, and what GET /v1/regions and /v1/plans tell as room. Triggers keep it, as they do resource_counts,
-- and for the same reason a row is a change: a reservation waits for nobody else's.

CREATE TABLE "region_promises" (
    "region" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "vcpus" INTEGER NOT NULL,
    "memory_mib" BIGINT NOT NULL,
    "disk_gib" INTEGER NOT NULL,

    CONSTRAINT "region_promises_pkey" PRIMARY KEY ("region","id")
);

-- Rows come and go much faster than a fifth of the table changes.
ALTER TABLE "region_promises" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 5000);

CREATE FUNCTION "fold_region_promises"("of_region" TEXT) RETURNS void LANGUAGE sql AS $$
  WITH "free" AS (
    SELECT "region", "id" FROM "region_promises" WHERE "region" = "of_region" FOR UPDATE SKIP LOCKED
  ), "folded" AS (
    DELETE FROM "region_promises" USING "free"
    WHERE "region_promises"."region" = "free"."region" AND "region_promises"."id" = "free"."id"
    RETURNING "region_promises"."vcpus", "region_promises"."memory_mib", "region_promises"."disk_gib"
  )
  INSERT INTO "region_promises" ("region", "vcpus", "memory_mib", "disk_gib")
  SELECT "of_region", sum("vcpus"), sum("memory_mib"), sum("disk_gib") FROM "folded"
  HAVING sum("vcpus") <> 0 OR sum("memory_mib") <> 0 OR sum("disk_gib") <> 0;
$$;

CREATE FUNCTION "count_promise"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO "region_promises" ("region", "vcpus", "memory_mib", "disk_gib") VALUES (OLD."region", -OLD."vcpus", -OLD."memory_mib", -OLD."disk_gib");
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO "region_promises" ("region", "vcpus", "memory_mib", "disk_gib") VALUES (NEW."region", NEW."vcpus", NEW."memory_mib", NEW."disk_gib");
  END IF;
  IF random() < 1.0 / 32 THEN
    PERFORM "fold_region_promises"(coalesce(NEW."region", OLD."region"));
  END IF;
  RETURN NULL;
END;
$$;

CREATE TRIGGER "promises_counted" AFTER INSERT OR UPDATE OR DELETE ON "capacity_reservations" FOR EACH ROW EXECUTE FUNCTION "count_promise"();

-- What there is already. Making the trigger has locked the table against writes until the end of the migration.
INSERT INTO "region_promises" ("region", "vcpus", "memory_mib", "disk_gib")
  SELECT "region", sum("vcpus"), sum("memory_mib"), sum("disk_gib") FROM "capacity_reservations" GROUP BY "region";
