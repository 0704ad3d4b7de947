-- A list narrowed to a status that few of an account's resources are in would pass by all others.
CREATE INDEX "servers_living_by_status" ON "servers"("account_id", "status", "created_at" DESC, "id" DESC) WHERE "deleted_at" IS NULL;
CREATE INDEX "databases_living_by_status" ON "databases"("account_id", "status", "created_at" DESC, "id" DESC) WHERE "deleted_at" IS NULL;
