-- When rows were restored from a backup, and of when they are: what was made in between has no rows, and is no leftover.

CREATE TABLE "restores" (
    "taken_at" TIMESTAMPTZ(3) NOT NULL,
    "restored_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "restores_pkey" PRIMARY KEY ("restored_at")
);

-- Whether an audit may also delete what was made in between.
ALTER TABLE "audits" ADD COLUMN "delete_lost" BOOLEAN NOT NULL DEFAULT false;
