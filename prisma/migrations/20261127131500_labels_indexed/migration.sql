-- A list narrowed to a label read all of an account's rows, twice: for the page and for its total. An index over the account and its labels at once would need an extension (btree_gin), which
-- not every PostgreSQL lets its user install; so the account is part of what is indexed. Account ids have no space and keys of labels no "=", so no two labels are the same text.
CREATE FUNCTION "labels_of_account"("account_id" TEXT, "labels" JSONB) RETURNS TEXT[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$ SELECT coalesce(array_agg("account_id" || ' ' || "key" || '=' || "value"), '{}') FROM jsonb_each_text("labels") $$;

CREATE INDEX "servers_living_by_label" ON "servers" USING gin ("labels_of_account"("account_id", "labels")) WHERE "deleted_at" IS NULL AND "labels" <> '{}';
CREATE INDEX "databases_living_by_label" ON "databases" USING gin ("labels_of_account"("account_id", "labels")) WHERE "deleted_at" IS NULL AND "labels" <> '{}';
