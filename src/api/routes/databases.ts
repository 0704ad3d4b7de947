import type { Services } from "../../services/services.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import {
  createDatabaseBody,
  databaseActionBody,
  listDatabasesQuery,
  toCreateDatabaseRequest,
  toDatabaseFilter,
  toUpdateDatabaseRequest,
  updateDatabaseBody,
} from "../schemas/database.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { acceptedAction } from "../views/action.ts";
import { credentialsView, databaseView } from "../views/database.ts";
import { pageReply } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";

const COLLECTION = "/v1/databases";
const MEMBER = "/v1/databases/:id";

export function databaseEndpoints(services: Services): Endpoint[] {
  const create = endpoint({
    method: "post",
    path: COLLECTION,
    scope: "databases:write",
    body: createDatabaseBody,
    checkReferences: ({ plan, region, engine, version }) =>
      services.validateDatabaseReferences({
        ...(plan !== undefined && { plan }),
        ...(region !== undefined && { region }),
        ...(engine !== undefined && { engine }),
        ...(version !== undefined && { version }),
      }),
    async handle({ body, context }) {
      const { value: database, replayed } = await services.createDatabase(toCreateDatabaseRequest(body), context);
      return {
        status: 201,
        data: databaseView(database),
        headers: effectHeaders({ location: `${COLLECTION}/${database.id}`, replayed }),
      };
    },
  });

  const list = endpoint({
    method: "get",
    path: COLLECTION,
    scope: "databases:read",
    query: listDatabasesQuery,
    async handle({ query, queryString, context }) {
      const page = await services.listDatabases(toDatabaseFilter(query), pageRequest(query), context.principal);
      return pageReply(page, databaseView, COLLECTION, queryString);
    },
  });

  const read = endpoint({
    method: "get",
    path: MEMBER,
    scope: "databases:read",
    id: "database",
    async handle({ id, context }) {
      return { status: 200, data: databaseView(await services.getDatabase(id, context.principal)) };
    },
  });

  const update = endpoint({
    method: "patch",
    path: MEMBER,
    scope: "databases:write",
    id: "database",
    body: updateDatabaseBody,
    async handle({ id, body, context }) {
      const { value, replayed } = await services.updateDatabase(id, toUpdateDatabaseRequest(body), context);
      return { status: 200, data: databaseView(value), headers: effectHeaders({ replayed }) };
    },
  });

  const remove = endpoint({
    method: "delete",
    path: MEMBER,
    scope: "databases:write",
    id: "database",
    async handle({ id, context }) {
      return acceptedAction(await services.deleteDatabase(id, context));
    },
  });

  const act = endpoint({
    method: "post",
    path: `${MEMBER}/actions`,
    scope: "databases:write",
    id: "database",
    body: databaseActionBody,
    async handle({ id, body, context }) {
      return acceptedAction(await services.actOnDatabase(id, body.type, context));
    },
  });

  const credentials = endpoint({
    method: "get",
    path: `${MEMBER}/credentials`,
    scope: "databases:credentials",
    id: "database",
    async handle({ id, context }) {
      return { status: 200, data: credentialsView(await services.readDatabaseCredentials(id, context)) };
    },
  });

  const authority = endpoint({
    method: "get",
    path: `${MEMBER}/ca.pem`,
    scope: "databases:read",
    id: "database",
    async handle({ id, context }) {
      const text = await services.getDatabaseCa(id, context.principal);
      return { status: 200, data: null, file: { contentType: "application/x-pem-file", text } };
    },
  });

  return [create, list, read, update, remove, act, credentials, authority];
}
