-- CreateTable
CREATE TABLE "server_image_offers" (
    "region" TEXT NOT NULL,
    "image" TEXT NOT NULL,

    CONSTRAINT "server_image_offers_pkey" PRIMARY KEY ("region","image")
);
