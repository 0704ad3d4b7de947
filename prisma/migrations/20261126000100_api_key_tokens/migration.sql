-- A key outlives its tokens: rolling it gives it a new one while the old one still works. So tokens have rows of their own.

CREATE TABLE "api_key_tokens" (
    "id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "pepper_id" TEXT,
    "api_key_id" TEXT NOT NULL,
    "valid_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_key_tokens_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "api_key_tokens_token_hash_key" ON "api_key_tokens"("token_hash");
CREATE INDEX "api_key_tokens_api_key_id_idx" ON "api_key_tokens"("api_key_id");
ALTER TABLE "api_key_tokens" ADD CONSTRAINT "api_key_tokens_api_key_id_fkey" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

INSERT INTO "api_key_tokens" ("id", "token_hash", "api_key_id", "created_at")
  SELECT 'tok_' || substr("id", 4), "token_hash", "id", "created_at" FROM "api_keys";
ALTER TABLE "api_keys" ALTER COLUMN "token_hash" DROP NOT NULL;

-- Names of living keys are unique in their account. A start that was asked for another first key made a second `bootstrap`.
UPDATE "api_keys" SET "name" = "api_keys"."name" || '-' || substr("api_keys"."id", 4, 8)
  FROM (SELECT "id", row_number() OVER (PARTITION BY "account_id", "name" ORDER BY "created_at", "id") AS "nth" FROM "api_keys" WHERE "revoked_at" IS NULL) AS "named"
  WHERE "named"."id" = "api_keys"."id" AND "named"."nth" > 1;
CREATE UNIQUE INDEX "api_keys_living_name" ON "api_keys"("account_id", "name") WHERE "revoked_at" IS NULL;
CREATE INDEX "api_keys_living_by_account" ON "api_keys"("account_id", "created_at" DESC, "id" DESC) WHERE "revoked_at" IS NULL;
