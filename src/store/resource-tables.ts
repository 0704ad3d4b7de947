import type { ResourceKind } from "../domain/resource.ts";
import { Prisma } from "./generated/client.ts";

export const RESOURCE_TABLES: Record<ResourceKind, Prisma.Sql> = {
  server: Prisma.sql`servers`,
  database: Prisma.sql`databases`,
};
