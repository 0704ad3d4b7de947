-- Failed creates that an operator has tried again, one or many, at a pace.

CREATE TABLE "retries" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "api_key_id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "filter" JSONB NOT NULL,
    "per_minute" INTEGER NOT NULL,
    "matched" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "retries_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "retries_status_known" CHECK ("status" IN ('running', 'succeeded', 'stopped')),
    CONSTRAINT "retries_end_has_a_time" CHECK (("status" = 'running') = ("ended_at" IS NULL))
);

CREATE TABLE "retry_items" (
    "retry_id" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "action_id" TEXT NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "outcome" TEXT NOT NULL DEFAULT 'waiting',
    "started_action_id" TEXT,
    "code" TEXT,
    "message" TEXT,

    CONSTRAINT "retry_items_pkey" PRIMARY KEY ("retry_id","place"),
    CONSTRAINT "retry_items_outcome_known" CHECK ("outcome" IN ('waiting', 'started', 'skipped'))
);

CREATE INDEX "retries_created_at_id_idx" ON "retries"("created_at" DESC, "id" DESC);
CREATE INDEX "retries_unstarted" ON "retries"("created_at") WHERE "status" = 'running' AND "started_at" IS NULL;
CREATE INDEX "retry_items_waiting" ON "retry_items"("retry_id", "place") WHERE "outcome" = 'waiting';

CREATE TRIGGER "retries_added" AFTER INSERT ON "retries" REFERENCING NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();
