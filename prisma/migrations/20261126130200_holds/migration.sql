-- Gates: what operators hold, and who waits before it.

CREATE TABLE "holds" (
    "id" TEXT NOT NULL,
    "region" TEXT,
    "step" TEXT,
    "resource_type" TEXT,
    "reason" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "api_key_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "released_at" TIMESTAMPTZ(3),
    "opened_at" TIMESTAMPTZ(3),

    CONSTRAINT "holds_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "gate_waits" (
    "action_id" TEXT NOT NULL,
    "hold_id" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "gate_waits_pkey" PRIMARY KEY ("action_id")
);

CREATE INDEX "holds_created_at_id_idx" ON "holds"("created_at" DESC, "id" DESC);
CREATE INDEX "holds_in_force" ON "holds"("created_at" DESC, "id" DESC) WHERE "released_at" IS NULL;
CREATE INDEX "holds_to_open" ON "holds"("id") WHERE "released_at" IS NOT NULL AND "opened_at" IS NULL;
CREATE INDEX "gate_waits_hold_id_action_id_idx" ON "gate_waits"("hold_id", "action_id");

CREATE TRIGGER "holds_added" AFTER INSERT ON "holds" REFERENCING NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();
