-- What every account may have, and has: one row an account, changed together with the holds of its servers and databases.

CREATE TABLE "account_quotas" (
    "account_id" TEXT NOT NULL,
    "servers_used" INTEGER NOT NULL DEFAULT 0,
    "databases_used" INTEGER NOT NULL DEFAULT 0,
    "vcpus_used" INTEGER NOT NULL DEFAULT 0,
    "memory_mib_used" INTEGER NOT NULL DEFAULT 0,
    "addresses_used" INTEGER NOT NULL DEFAULT 0,
    "servers_limit" INTEGER,
    "databases_limit" INTEGER,
    "vcpus_limit" INTEGER,
    "memory_mib_limit" INTEGER,
    "addresses_limit" INTEGER,
    "api_keys_limit" INTEGER,
    "ssh_keys_limit" INTEGER,

    CONSTRAINT "account_quotas_pkey" PRIMARY KEY ("account_id")
);

CREATE TABLE "quota_holds" (
    "resource_id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "servers" INTEGER NOT NULL,
    "databases" INTEGER NOT NULL,
    "vcpus" INTEGER NOT NULL,
    "memory_mib" INTEGER NOT NULL,
    "addresses" INTEGER NOT NULL,

    CONSTRAINT "quota_holds_pkey" PRIMARY KEY ("resource_id")
);

-- What there is counts from now on, whatever the limits are.
INSERT INTO "quota_holds" ("resource_id", "account_id", "servers", "databases", "vcpus", "memory_mib", "addresses")
  SELECT "id", "account_id", 1, 0, "vcpus", "memory_mib", 1 FROM "servers" WHERE "deleted_at" IS NULL AND "status" <> 'failed'
  UNION ALL
  SELECT "id", "account_id", 0, 1, "vcpus", "memory_mib", 1 FROM "databases" WHERE "deleted_at" IS NULL AND "status" <> 'failed';

INSERT INTO "account_quotas" ("account_id", "servers_used", "databases_used", "vcpus_used", "memory_mib_used", "addresses_used")
  SELECT "accounts"."id", coalesce(sum("servers"), 0), coalesce(sum("databases"), 0), coalesce(sum("vcpus"), 0), coalesce(sum("memory_mib"), 0),
    coalesce(sum("addresses"), 0)
  FROM "accounts" LEFT JOIN "quota_holds" ON "quota_holds"."account_id" = "accounts"."id" GROUP BY "accounts"."id";
