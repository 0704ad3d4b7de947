-- An attempt of a rotation that was given up can go on while the next one is under way. The passwords of a rotation say whose they are, so that it finds nothing of its own then.
ALTER TABLE "database_credentials" ADD COLUMN "rotation_action_id" TEXT;
