-- What an operator does on the database has neither an API key nor a request.
ALTER TABLE "audit_events" ALTER COLUMN "api_key_id" DROP NOT NULL;
ALTER TABLE "audit_events" ALTER COLUMN "request_id" DROP NOT NULL;
