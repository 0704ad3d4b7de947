-- Counts of rate limits, where several API processes share them (CLOUDNEXUS_RATE_LIMITS=postgresql). Not logged: after a crash of the database
-- counting begins anew. The library that writes them relies on the order of the columns.
CREATE UNLOGGED TABLE "rate_limit_points" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limit_points_pkey" PRIMARY KEY ("key")
);
