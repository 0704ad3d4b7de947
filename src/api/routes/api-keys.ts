import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { API_KEY, ISSUED_API_KEY, ROLLED_API_KEY } from "../examples.ts";
import {
  createApiKeyBody,
  listApiKeysQuery,
  pastExpiry,
  rollApiKeyBody,
  toCreateApiKeyRequest,
} from "../schemas/api-key.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { apiKeySchema, apiKeyView, issuedApiKeySchema, issuedApiKeyView } from "../views/api-key.ts";
import { pageReplies } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";

const COLLECTION = "/v1/api_keys";
const MEMBER = "/v1/api_keys/:id";

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["api_keys:write"],
  body: createApiKeyBody,
  answers: {
    201: {
      description: "The key, with its token.",
      data: issuedApiKeySchema,
      example: ISSUED_API_KEY,
      hasLocation: true,
    },
  },
  errors: {
    name_taken: "Another living API key of yours has this name.",
    quota_exceeded: "Your account may not have more API keys.",
  },
  docs: {
    operationId: "createApiKey",
    tag: "API keys",
    summary: "Create an API key",
    description:
      "Makes a key of your account. Its token is shown in this answer and stored nowhere: keep it. A repetition with the same `Idempotency-Key` shows the key without it; if the first answer was lost, roll the key.\n\n" +
      "A key can't give what it has not: a scope that it lacks, or a life that is longer than its own, is a 403 whose `details` name it.",
    costs: "Nothing.",
    sample: { body: { name: API_KEY.name, scopes: ["servers:read", "servers:write"] } },
  },
  checkReferences: ({ expires_at: expiresAt }) => Promise.resolve(pastExpiry(expiresAt)),
  async handle({ services, body, context }) {
    const { value: issued, replayed } = await services.createApiKey(toCreateApiKeyRequest(body), context);
    return {
      status: 201,
      data: issuedApiKeyView(issued),
      headers: effectHeaders({ location: `${COLLECTION}/${issued.key.id}`, replayed }),
    };
  },
});

const toReply = pageReplies(apiKeyView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["api_keys:write"],
  query: listApiKeysQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(apiKeySchema),
      example: [API_KEY],
      isPage: true,
    },
  },
  docs: {
    operationId: "listApiKeys",
    tag: "API keys",
    summary: "List all API keys",
    description:
      "Your API keys without their tokens, newest first, a page at a time; expired ones too, until you revoke them.",
    costs: "Nothing.",
  },
  async handle({ services, query, queryString, context }) {
    const page = await services.listApiKeys(pageRequest(query), context.principal);
    return toReply(page, queryString);
  },
});

const read = endpoint({
  method: "get",
  path: MEMBER,
  scopes: ["api_keys:write"],
  id: "apiKey",
  answers: { 200: { description: "The key.", data: apiKeySchema, example: API_KEY } },
  docs: {
    operationId: "getApiKey",
    tag: "API keys",
    summary: "Show an API key",
    description: "One of your API keys, without its token: what it may do, and when it was last used.",
    costs: "Nothing.",
  },
  async handle({ services, id, context }) {
    return { status: 200, data: apiKeyView(await services.getApiKey(id, context.principal)) };
  },
});

const revoke = endpoint({
  method: "delete",
  path: MEMBER,
  scopes: ["api_keys:write"],
  id: "apiKey",
  answers: { 200: { description: "It is revoked.", data: z.null(), example: null } },
  errors: { last_owner_key: "It is your last key with the scope `*` that does not expire." },
  docs: {
    operationId: "revokeApiKey",
    tag: "API keys",
    summary: "Revoke an API key",
    description:
      "Revokes the key with all its tokens: every part of the API refuses it within a second. What it made stays. A key can revoke itself, but not the last one with full access.",
    costs: "Nothing.",
  },
  async handle({ services, id, context }) {
    const { replayed } = await services.revokeApiKey(id, context);
    return { status: 200, data: null, headers: effectHeaders({ replayed }) };
  },
});

const roll = endpoint({
  method: "post",
  path: `${MEMBER}/roll`,
  scopes: ["api_keys:write"],
  id: "apiKey",
  body: rollApiKeyBody,
  answers: { 200: { description: "The key, with its new token.", data: issuedApiKeySchema, example: ROLLED_API_KEY } },
  errors: { invalid_status: "The key has expired." },
  docs: {
    operationId: "rollApiKey",
    tag: "API keys",
    summary: "Roll an API key",
    description:
      "Gives the key a new token, shown this once. Id, name, scopes and expiry stay. The old token works for `overlap_seconds` more (a day unless you say otherwise, a week at most), so that you can put the new one in place. If it leaked, end it now: `overlap_seconds: 0` ends every earlier token.\n\n" +
      "Needs a key with all scopes of the one that is rolled. A key can roll itself.",
    costs: "Nothing.",
    sample: { body: { overlap_seconds: 3600 } },
  },
  async handle({ services, id, body, context }) {
    const { value: issued, replayed } = await services.rollApiKey(id, body.overlap_seconds, context);
    return { status: 200, data: issuedApiKeyView(issued), headers: effectHeaders({ replayed }) };
  },
});

export const apiKeyEndpoints = [create, list, read, revoke, roll];
