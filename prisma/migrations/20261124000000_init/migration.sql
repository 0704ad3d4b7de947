-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "accounts" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "hint" TEXT NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ssh_keys" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ssh_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "servers" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "image" TEXT NOT NULL,
    "vcpus" INTEGER NOT NULL,
    "memory_mib" INTEGER NOT NULL,
    "disk_gib" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "power_state" TEXT NOT NULL DEFAULT 'unknown',
    "ipv4" TEXT,
    "ssh_key_ids" TEXT[],
    "user_data_box" TEXT,
    "labels" JSONB NOT NULL DEFAULT '{}',
    "action_id" TEXT NOT NULL,
    "error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "servers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "actions" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "steps" JSONB NOT NULL,
    "error" JSONB,
    "attempt" INTEGER NOT NULL DEFAULT 1,
    "request_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "actions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ip_addresses" (
    "region" TEXT NOT NULL,
    "position" BIGINT NOT NULL,
    "address" TEXT NOT NULL,
    "server_id" TEXT,
    "allocated_at" TIMESTAMPTZ(3),
    "offered" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "ip_addresses_pkey" PRIMARY KEY ("region","position")
);

-- CreateTable
CREATE TABLE "capacity_reservations" (
    "server_id" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "vcpus" INTEGER NOT NULL,
    "memory_mib" INTEGER NOT NULL,
    "disk_gib" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "capacity_reservations_pkey" PRIMARY KEY ("server_id")
);

-- CreateTable
CREATE TABLE "server_ssh_keys" (
    "server_id" TEXT NOT NULL,
    "ssh_key_id" TEXT NOT NULL,
    "public_key" TEXT NOT NULL,

    CONSTRAINT "server_ssh_keys_pkey" PRIMARY KEY ("server_id","ssh_key_id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "account_id" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "body_hash" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("account_id","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_name_key" ON "accounts"("name");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_token_hash_key" ON "api_keys"("token_hash");

-- CreateIndex
CREATE INDEX "ssh_keys_account_id_created_at_id_idx" ON "ssh_keys"("account_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "ssh_keys_account_id_fingerprint_key" ON "ssh_keys"("account_id", "fingerprint");

-- CreateIndex
CREATE UNIQUE INDEX "ssh_keys_account_id_name_key" ON "ssh_keys"("account_id", "name");

-- CreateIndex
CREATE INDEX "servers_living_by_account" ON "servers"("account_id", "created_at" DESC, "id" DESC) WHERE "deleted_at" IS NULL;

-- CreateIndex
CREATE INDEX "actions_resource_id_created_at_idx" ON "actions"("resource_id", "created_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "ip_addresses_server_id_key" ON "ip_addresses"("server_id");

-- CreateIndex
CREATE INDEX "ip_addresses_free" ON "ip_addresses"("region", "position") WHERE "server_id" IS NULL AND "offered";

-- CreateIndex
CREATE INDEX "capacity_reservations_region_idx" ON "capacity_reservations"("region");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "accounts"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What the schema language cannot say.

-- One name per account among living servers.
CREATE UNIQUE INDEX "servers_living_name" ON "servers"("account_id", "name") WHERE "deleted_at" IS NULL;

-- One running action a resource, but a delete may run beside the create that it cancels.
CREATE UNIQUE INDEX "actions_one_running_change" ON "actions"("resource_id") WHERE "status" = 'running' AND "type" <> 'delete';
CREATE UNIQUE INDEX "actions_one_running_delete" ON "actions"("resource_id") WHERE "status" = 'running' AND "type" = 'delete';

-- The sweep: accepted, but its workflow never started.
CREATE INDEX "actions_unstarted" ON "actions"("created_at") WHERE "status" = 'running' AND "started_at" IS NULL;

ALTER TABLE "servers" ADD CONSTRAINT "servers_status_known" CHECK ("status" IN ('provisioning', 'active', 'suspended', 'deleting', 'failed'));
ALTER TABLE "actions" ADD CONSTRAINT "actions_status_known" CHECK ("status" IN ('running', 'succeeded', 'failed', 'cancelled'));
ALTER TABLE "actions" ADD CONSTRAINT "actions_end_has_a_time" CHECK (("status" = 'running') = ("ended_at" IS NULL));
