import type { Services } from "../../services/services.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";

export function databaseEngineEndpoints(services: Services): Endpoint[] {
  const list = endpoint({
    method: "get",
    path: "/v1/database_engines",
    scope: "databases:read",
    async handle() {
      return { status: 200, data: await services.listDatabaseEngines() };
    },
  });

  return [list];
}
