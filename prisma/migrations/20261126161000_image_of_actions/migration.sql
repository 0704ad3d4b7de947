-- What the disk of an action's server or database is made from, or will be: its workflow is found by it. Null: accepted by a build that did not write it down.
ALTER TABLE "actions" ADD COLUMN "image" TEXT;
