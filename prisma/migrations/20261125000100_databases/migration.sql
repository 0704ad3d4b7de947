-- AlterTable
ALTER TABLE "actions" ADD COLUMN "parameters" JSONB;

-- CreateTable
CREATE TABLE "databases" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "engine" TEXT NOT NULL,
    "major" TEXT NOT NULL,
    "min_version" TEXT,
    "version" TEXT NOT NULL,
    "implementation" TEXT NOT NULL,
    "vcpus" INTEGER NOT NULL,
    "memory_mib" INTEGER NOT NULL,
    "disk_gib" INTEGER NOT NULL,
    "status" TEXT NOT NULL,
    "power_state" TEXT NOT NULL DEFAULT 'unknown',
    "ipv4" TEXT,
    "trusted_sources" TEXT[],
    "labels" JSONB NOT NULL DEFAULT '{}',
    "action_id" TEXT NOT NULL,
    "error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "databases_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "database_credentials" (
    "database_id" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "password_box" TEXT NOT NULL,
    "next_username" TEXT,
    "next_password_box" TEXT,
    "previous_username" TEXT,
    "previous_password_box" TEXT,

    CONSTRAINT "database_credentials_pkey" PRIMARY KEY ("database_id")
);

-- CreateTable
CREATE TABLE "certificate_authorities" (
    "id" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "certificate" TEXT NOT NULL,
    "key_box" TEXT NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "certificate_authorities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "database_certificates" (
    "database_id" TEXT NOT NULL,
    "authority_id" TEXT NOT NULL,
    "certificate" TEXT NOT NULL,
    "key_box" TEXT NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "database_certificates_pkey" PRIMARY KEY ("database_id")
);

-- CreateTable
CREATE TABLE "database_engine_offers" (
    "region" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "engine" TEXT NOT NULL,
    "major" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "implementation" TEXT NOT NULL,

    CONSTRAINT "database_engine_offers_pkey" PRIMARY KEY ("region","fingerprint")
);

-- CreateTable
CREATE TABLE "audit_events" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "api_key_id" TEXT NOT NULL,
    "event" TEXT NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "databases_living_by_account" ON "databases"("account_id", "created_at" DESC, "id" DESC) WHERE "deleted_at" IS NULL;

-- CreateIndex
CREATE INDEX "certificate_authorities_region_not_after_idx" ON "certificate_authorities"("region", "not_after" DESC);

-- CreateIndex
CREATE INDEX "audit_events_account_id_created_at_idx" ON "audit_events"("account_id", "created_at" DESC);

-- What the schema language cannot say.

-- One name per account among living databases.
CREATE UNIQUE INDEX "databases_living_name" ON "databases"("account_id", "name") WHERE "deleted_at" IS NULL;

ALTER TABLE "databases" ADD CONSTRAINT "databases_status_known" CHECK ("status" IN ('provisioning', 'active', 'suspended', 'deleting', 'failed'));
ALTER TABLE "databases" ADD CONSTRAINT "databases_engine_known" CHECK ("engine" IN ('postgresql', 'mysql', 'redis', 'mongodb'));
