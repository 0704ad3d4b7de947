-- The auditor: what was compared, what differed, and since when.

CREATE TABLE "audits" (
    "id" TEXT NOT NULL,
    "account_id" TEXT,
    "api_key_id" TEXT,
    "request_id" TEXT,
    "reason" TEXT,
    "repair" BOOLEAN NOT NULL,
    "regions" TEXT[],
    "classes" TEXT[],
    "status" TEXT NOT NULL,
    "totals" JSONB NOT NULL DEFAULT '[]',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "audits_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "audit_differences" (
    "id" BIGSERIAL NOT NULL,
    "audit_id" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "class" TEXT NOT NULL,
    "region" TEXT,
    "subject" TEXT NOT NULL,
    "account_id" TEXT,
    "detail" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "repair_after" TIMESTAMPTZ(3),
    "outcome" TEXT NOT NULL,
    "message" TEXT,

    CONSTRAINT "audit_differences_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "audit_sightings" (
    "class" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "audit_id" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_sightings_pkey" PRIMARY KEY ("class","subject")
);

CREATE INDEX "audits_created_at_id_idx" ON "audits"("created_at" DESC, "id" DESC);
CREATE INDEX "audits_running" ON "audits"("created_at") WHERE "status" = 'running';
CREATE INDEX "audit_differences_audit_id_scope_id_idx" ON "audit_differences"("audit_id", "scope", "id");
CREATE INDEX "audit_sightings_scope_class_idx" ON "audit_sightings"("scope", "class");

-- What an audit reads, page by page.
CREATE INDEX "servers_living_by_region" ON "servers"("region", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "databases_living_by_region" ON "databases"("region", "id") WHERE "deleted_at" IS NULL;
CREATE INDEX "quota_holds_account_id_idx" ON "quota_holds"("account_id");
CREATE INDEX "actions_running" ON "actions"("id") WHERE "status" = 'running';

-- The log of what has to be answered for is read by operators, for all accounts and for one.
ALTER TABLE "audit_events" ADD COLUMN "reason" TEXT, ADD COLUMN "before" JSONB, ADD COLUMN "after" JSONB;
DROP INDEX "audit_events_account_id_created_at_idx";
CREATE INDEX "audit_events_account_id_created_at_id_idx" ON "audit_events"("account_id", "created_at" DESC, "id" DESC);
CREATE INDEX "audit_events_created_at_id_idx" ON "audit_events"("created_at" DESC, "id" DESC);
