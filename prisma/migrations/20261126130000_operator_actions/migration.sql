-- What operators read of all accounts, newest first: everything, what runs, what has failed, and by why and where it failed.
CREATE INDEX "actions_created_at_id_idx" ON "actions"("created_at" DESC, "id" DESC);
CREATE INDEX "actions_running_by_time" ON "actions"("created_at" DESC, "id" DESC) WHERE "status" = 'running';
CREATE INDEX "actions_failed_by_time" ON "actions"("created_at" DESC, "id" DESC) WHERE "status" = 'failed';
CREATE INDEX "actions_cancelled_by_time" ON "actions"("created_at" DESC, "id" DESC) WHERE "status" = 'cancelled';
CREATE INDEX "actions_by_error_code" ON "actions"(("error"->>'code'), "created_at" DESC, "id" DESC) WHERE "error" IS NOT NULL;
CREATE INDEX "actions_by_failed_step" ON "actions"(("error"->>'step'), "created_at" DESC, "id" DESC) WHERE "error" IS NOT NULL;
