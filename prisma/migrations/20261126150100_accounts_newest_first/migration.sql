-- GET /v1/operator/accounts, newest first.
CREATE INDEX "accounts_created_at_id_idx" ON "accounts"("created_at" DESC, "id" DESC);

-- Its total: counting rows reads all of them.
CREATE TRIGGER "accounts_added" AFTER INSERT ON "accounts" REFERENCING NEW TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();
CREATE TRIGGER "accounts_removed" AFTER DELETE ON "accounts" REFERENCING OLD TABLE AS "changed" FOR EACH STATEMENT EXECUTE FUNCTION "count_log"();
INSERT INTO "log_counts" ("log", "change") SELECT 'accounts', count(*) FROM "accounts" HAVING count(*) > 0;
