import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { CA_PEM, CREDENTIALS, ROTATE_ACTION } from "../examples.ts";
import { databaseActionBody } from "../schemas/database.ts";
import { acceptedAction, actionSchema } from "../views/action.ts";
import { credentialsSchema, credentialsView } from "../views/database.ts";
import { historyEndpoint } from "./resource-actions.ts";

const MEMBER = "/v1/databases/:id";

const act = endpoint({
  method: "post",
  path: `${MEMBER}/actions`,
  scopes: ["databases:write"],
  id: "database",
  body: databaseActionBody,
  answers: {
    202: { description: "The action, under way.", data: actionSchema, example: ROTATE_ACTION, hasLocation: true },
  },
  errors: {
    resource_busy: "Another action runs on the database; `details` has its id.",
    quota_exceeded: "With `retry`: your account has no room for it any more; `details` name what is missing.",
    invalid_status: "The database is not in the status that the action needs; the message names both.",
  },
  docs: {
    operationId: "runDatabaseAction",
    tag: "Databases",
    summary: "Restart, suspend, resume, retry, rotate credentials",
    description: [
      "| type | needs | does |",
      "|---|---|---|",
      "| `restart` | active | ends the guest in order and boots it again |",
      "| `suspend` | active | stops it; data, address, credentials and capacity stay |",
      "| `resume` | suspended | boots it, and proves that the engine answers |",
      "| `retry` | failed | creates it once more, as a new attempt of the same database |",
      "| `rotate_credentials` | active | makes a new password; both work until the new one was proven, then only that one |",
      "",
      "An action that fails is undone: the database is what it was, with the reason in `error`.",
    ].join("\n"),
    costs:
      "Nothing. `restart` and `suspend` interrupt connections, the others don't. A suspended database goes on costing its price and capacity.",
    sample: { body: { type: "rotate_credentials" } },
  },
  async handle({ services, id, body, context }) {
    return acceptedAction(await services.actOnDatabase(id, body.type, context));
  },
});

const credentials = endpoint({
  method: "get",
  path: `${MEMBER}/credentials`,
  scopes: ["databases:credentials"],
  id: "database",
  answers: { 200: { description: "How to log in.", data: credentialsSchema, example: CREDENTIALS } },
  errors: {
    invalid_status: "The database has no credentials yet, or no more: it is being made, failed, or is being deleted.",
  },
  docs: {
    operationId: "getDatabaseCredentials",
    tag: "Databases",
    summary: "Read how to log in",
    description:
      "Host, port, user, password, and all of it as one URI. Check who answers by the certificate: `sslmode=verify-full` with `ca_certificate`, and what other clients call that. Read it again after `rotate_credentials`, the user too.",
    costs: "Nothing; but every read is written to the audit log first: account, API key, request, time.",
  },
  async handle({ services, id, context }) {
    return { status: 200, data: credentialsView(await services.readDatabaseCredentials(id, context)) };
  },
});

const authority = endpoint({
  method: "get",
  path: `${MEMBER}/ca.pem`,
  scopes: ["databases:read"],
  id: "database",
  answers: {
    200: {
      description: "The certificate, PEM.",
      data: z.string(),
      example: CA_PEM,
      contentType: "application/x-pem-file",
    },
  },
  errors: {
    invalid_status: "The database has no certificate yet, or no more: it is being made, failed, or is being deleted.",
  },
  docs: {
    operationId: "getDatabaseCa",
    tag: "Databases",
    summary: "Read the certificate authority",
    description:
      "The authority that signed the database's certificate, as a file: for `sslrootcert`, and what other clients call that. It is the region's.",
    costs: "Nothing.",
  },
  async handle({ services, id, context }) {
    return { status: 200, data: await services.getDatabaseCa(id, context.principal) };
  },
});

const history = historyEndpoint("database", {
  operationId: "listDatabaseActions",
  tag: "Databases",
  example: ROTATE_ACTION,
});

export const databaseAccessEndpoints = [act, history, credentials, authority];
