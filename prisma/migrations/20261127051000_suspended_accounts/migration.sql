-- An account that an operator has suspended: its API keys are refused. Null: it is active.
ALTER TABLE "accounts" ADD COLUMN "suspended_at" TIMESTAMPTZ(3);

-- GET /v1/operator/accounts?status=suspended, newest first, and its total: few of many.
CREATE INDEX "accounts_suspended_idx" ON "accounts"("created_at" DESC, "id" DESC) WHERE "suspended_at" IS NOT NULL;
