-- Addresses and capacity are held by any resource, not by servers alone.

ALTER TABLE "ip_addresses" RENAME COLUMN "server_id" TO "resource_id";
ALTER INDEX "ip_addresses_server_id_key" RENAME TO "ip_addresses_resource_id_key";
ALTER TABLE "capacity_reservations" RENAME COLUMN "server_id" TO "resource_id";
