-- An action can be asked to cancel, and an account reads all of its actions, newest first.

ALTER TABLE "actions" ADD COLUMN "cancel_requested_at" TIMESTAMPTZ(3);
CREATE INDEX "actions_account_id_created_at_id_idx" ON "actions"("account_id", "created_at" DESC, "id" DESC);
-- What the sweep looks for: almost always nothing.
CREATE INDEX "actions_to_cancel" ON "actions"("cancel_requested_at") WHERE "status" = 'running' AND "cancel_requested_at" IS NOT NULL;
