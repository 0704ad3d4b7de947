-- What happened to an account's things, for GET /v1/events: an outbox, written in the transaction of the change. Triggers write it, so that no code path can forget to, and
-- a change costs no round trip more.
--
-- The order is that of the commits, account by account, and a reader that has seen an event has seen all before it. Numbers of a sequence alone do not give that: a
-- transaction can take a number, and commit after one that took the next. So the triggers wait for the end of their transaction (DEFERRED), and the first of them takes the
-- account's lock, which is held until the commit can be seen. Numbers are only taken under it. Whoever holds it waits for nothing else any more but the commit, so it can't
-- be part of a deadlock, and what has no event (notes on steps, uses of keys) never takes it.

CREATE TABLE "events" (
    "account_id" TEXT NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "type" TEXT NOT NULL,
    "resource_type" TEXT NOT NULL,
    "resource_id" TEXT NOT NULL,
    "action_id" TEXT,
    "data" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "events_pkey" PRIMARY KEY ("account_id","id")
);

-- Removal of old ones.
CREATE INDEX "events_created_at_idx" ON "events"("created_at");

-- Rows are only added, and removed in the same order.
ALTER TABLE "events" SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);

-- Everything below names the columns that customers may see: one that is added to a table is in no event until somebody puts it here.

CREATE FUNCTION "record_event"("of_account" TEXT, "of_type" TEXT, "of_kind" TEXT, "of_resource" TEXT, "of_action" TEXT, "facts" JSONB) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('events of ' || "of_account", 0));
  INSERT INTO "events" ("account_id", "type", "resource_type", "resource_id", "action_id", "data")
  VALUES ("of_account", "of_type", "of_kind", "of_resource", "of_action", "facts");
  -- Commits that notify wait for each other, all over the database. So it is only done for an account that somebody listens for: an API process with a stream of it holds this
  -- lock, shared. Who begins to listen waits for the transactions that have looked here, and reads what they wrote.
  IF NOT pg_try_advisory_xact_lock(hashtextextended('listening for ' || "of_account", 0)) THEN
    PERFORM pg_notify('cloudnexus_events', "of_account");
  END IF;
END;
$$;

-- What an update did to a server or database: its end, its new status, or anything else.
CREATE FUNCTION "resource_change"("was_status" TEXT, "was_deleted_at" TIMESTAMPTZ, "status" TEXT, "deleted_at" TIMESTAMPTZ) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN "deleted_at" IS NOT NULL AND "was_deleted_at" IS NULL THEN 'deleted' WHEN "status" <> "was_status" THEN "status" ELSE 'updated' END;
$$;

CREATE FUNCTION "record_server_event"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "what" TEXT;
BEGIN
  "what" := CASE WHEN TG_OP = 'INSERT' THEN 'created'
    ELSE "resource_change"(OLD."status", OLD."deleted_at", NEW."status", NEW."deleted_at") END;
  PERFORM "record_event"(NEW."account_id", 'server.' || "what", 'server', NEW."id", NEW."action_id", jsonb_build_object(
    'id', NEW."id", 'name', NEW."name", 'plan', NEW."plan", 'region', NEW."region", 'image', NEW."image", 'status', NEW."status",
    'powerState', NEW."power_state", 'ipv4', NEW."ipv4", 'sshKeyIds', NEW."ssh_key_ids", 'labels', NEW."labels", 'actionId', NEW."action_id",
    'error', NEW."error", 'createdAt', NEW."created_at", 'updatedAt', NEW."updated_at"));
  RETURN NULL;
END;
$$;

CREATE FUNCTION "record_database_event"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "what" TEXT;
BEGIN
  "what" := CASE WHEN TG_OP = 'INSERT' THEN 'created'
    ELSE "resource_change"(OLD."status", OLD."deleted_at", NEW."status", NEW."deleted_at") END;
  PERFORM "record_event"(NEW."account_id", 'database.' || "what", 'database', NEW."id", NEW."action_id", jsonb_build_object(
    'id', NEW."id", 'name', NEW."name", 'engine', NEW."engine", 'version', NEW."version", 'implementation', NEW."implementation", 'plan', NEW."plan",
    'region', NEW."region", 'status', NEW."status", 'powerState', NEW."power_state", 'ipv4', NEW."ipv4", 'trustedSources', NEW."trusted_sources",
    'labels', NEW."labels", 'actionId', NEW."action_id", 'error', NEW."error", 'createdAt', NEW."created_at", 'updatedAt', NEW."updated_at"));
  RETURN NULL;
END;
$$;

-- Steps are left out: they are half of an action's row, and change without an event. An action that is taken up again after its end had been written is `reopened`.
CREATE FUNCTION "record_action_event"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "what" TEXT;
BEGIN
  "what" := CASE WHEN TG_OP = 'INSERT' THEN 'started' WHEN NEW."status" = 'running' THEN 'reopened' ELSE NEW."status" END;
  PERFORM "record_event"(NEW."account_id", 'action.' || "what", NEW."resource_type", NEW."resource_id", NEW."id", jsonb_build_object(
    'id', NEW."id", 'type', NEW."type", 'status', NEW."status", 'resourceKind', NEW."resource_type", 'resourceId', NEW."resource_id",
    'error', CASE WHEN jsonb_typeof(NEW."error") = 'object' THEN NEW."error" - 'leftovers' END, 'createdAt', NEW."created_at", 'endedAt', NEW."ended_at"));
  RETURN NULL;
END;
$$;

CREATE FUNCTION "record_ssh_key_event"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "key" "ssh_keys"%ROWTYPE;
BEGIN
  "key" := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  PERFORM "record_event"("key"."account_id", CASE WHEN TG_OP = 'DELETE' THEN 'ssh_key.deleted' ELSE 'ssh_key.created' END, 'ssh_key', "key"."id", NULL, jsonb_build_object(
    'id', "key"."id", 'name', "key"."name", 'fingerprint', "key"."fingerprint", 'createdAt', "key"."created_at"));
  RETURN NULL;
END;
$$;

CREATE FUNCTION "record_api_key_event"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  "what" TEXT;
BEGIN
  "what" := CASE WHEN TG_OP = 'INSERT' THEN 'created' WHEN NEW."revoked_at" IS NOT NULL THEN 'revoked' ELSE 'rolled' END;
  PERFORM "record_event"(NEW."account_id", 'api_key.' || "what", 'api_key', NEW."id", NULL, jsonb_build_object(
    'id', NEW."id", 'name', NEW."name", 'hint', NEW."hint", 'scopes', NEW."scopes", 'expiresAt', NEW."expires_at", 'createdAt', NEW."created_at"));
  RETURN NULL;
END;
$$;

-- An update has an event if customers can see a difference, besides the times. That another action has the resource is told by `action.started`.
CREATE CONSTRAINT TRIGGER "servers_created_event" AFTER INSERT ON "servers" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_server_event"();
CREATE CONSTRAINT TRIGGER "servers_changed_event" AFTER UPDATE ON "servers" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD."name", OLD."plan", OLD."image", OLD."status", OLD."power_state", OLD."ipv4", OLD."labels", OLD."error", OLD."deleted_at")
    IS DISTINCT FROM (NEW."name", NEW."plan", NEW."image", NEW."status", NEW."power_state", NEW."ipv4", NEW."labels", NEW."error", NEW."deleted_at"))
  EXECUTE FUNCTION "record_server_event"();
CREATE CONSTRAINT TRIGGER "databases_created_event" AFTER INSERT ON "databases" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_database_event"();
CREATE CONSTRAINT TRIGGER "databases_changed_event" AFTER UPDATE ON "databases" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN ((OLD."name", OLD."plan", OLD."version", OLD."implementation", OLD."status", OLD."power_state", OLD."ipv4", OLD."trusted_sources", OLD."labels", OLD."error", OLD."deleted_at")
    IS DISTINCT FROM (NEW."name", NEW."plan", NEW."version", NEW."implementation", NEW."status", NEW."power_state", NEW."ipv4", NEW."trusted_sources", NEW."labels", NEW."error", NEW."deleted_at"))
  EXECUTE FUNCTION "record_database_event"();
CREATE CONSTRAINT TRIGGER "actions_started_event" AFTER INSERT ON "actions" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_action_event"();
CREATE CONSTRAINT TRIGGER "actions_changed_event" AFTER UPDATE ON "actions" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD."status" IS DISTINCT FROM NEW."status") EXECUTE FUNCTION "record_action_event"();
CREATE CONSTRAINT TRIGGER "ssh_keys_event" AFTER INSERT OR DELETE ON "ssh_keys" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_ssh_key_event"();
CREATE CONSTRAINT TRIGGER "api_keys_created_event" AFTER INSERT ON "api_keys" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "record_api_key_event"();
CREATE CONSTRAINT TRIGGER "api_keys_changed_event" AFTER UPDATE ON "api_keys" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD."hint" IS DISTINCT FROM NEW."hint" OR (OLD."revoked_at" IS NULL) <> (NEW."revoked_at" IS NULL)) EXECUTE FUNCTION "record_api_key_event"();
