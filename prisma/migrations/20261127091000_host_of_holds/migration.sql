-- A hold may be of one host: of every region that is on it. Null: of any.
ALTER TABLE "holds" ADD COLUMN "host" TEXT;
