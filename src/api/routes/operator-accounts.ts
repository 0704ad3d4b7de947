import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import {
  ACCOUNT_DETAIL,
  API_KEY,
  ISSUED_API_KEY,
  LISTED_ACCOUNT,
  NEW_ACCOUNT,
  SUSPENDED_ACCOUNT,
} from "../examples.ts";
import { pastExpiry } from "../schemas/api-key.ts";
import {
  createAccountBody,
  createAccountKeyBody,
  listAccountKeysQuery,
  listAccountsQuery,
  resumeAccountBody,
  revokeAccountKeyQuery,
  setAccountLimitsBody,
  suspendAccountBody,
  toIssueKeyRequest,
  toLimits,
} from "../schemas/operator-account.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { apiKeySchema, apiKeyView, issuedApiKeySchema, issuedApiKeyView } from "../views/api-key.ts";
import {
  accountDetailSchema,
  accountDetailView,
  listedAccountSchema,
  listedAccountView,
  newAccountSchema,
  newAccountView,
} from "../views/operator.ts";
import { pageReplies } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";

const COLLECTION = "/v1/operator/accounts";
const MEMBER = "/v1/operator/accounts/:id";
const KEYS = "/v1/operator/accounts/:id/keys";

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["operator"],
  body: createAccountBody,
  answers: {
    201: {
      description: "The account, with the token of its first key.",
      data: newAccountSchema,
      example: NEW_ACCOUNT,
      hasLocation: true,
    },
  },
  errors: { name_taken: "Another account has this name." },
  docs: {
    operationId: "createAccount",
    tag: "Operators",
    summary: "Create an account",
    description:
      "Makes an account with a first key, `owner`, that has full access to it and does not expire. Its token is shown in this answer and stored nowhere.",
    costs: "Nothing.",
    sample: { body: { name: "acme", reason: "signed up" } },
  },
  async handle({ services, body, context }) {
    const { value, replayed } = await services.createAccount(body, context);
    const headers = effectHeaders({ location: `${COLLECTION}/${value.account.id}`, replayed });
    return { status: 201, data: newAccountView(value), headers };
  },
});

const toReply = pageReplies(listedAccountView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["operator"],
  query: listAccountsQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(listedAccountSchema),
      example: [LISTED_ACCOUNT],
      isPage: true,
    },
  },
  docs: {
    operationId: "listAccounts",
    tag: "Operators",
    summary: "List all accounts",
    description: "The accounts of the installation, newest first, a page at a time.",
    costs: "Nothing.",
  },
  async handle({ services, query, queryString }) {
    return toReply(await services.listAllAccounts(query.status ?? null, pageRequest(query)), queryString);
  },
});

const read = endpoint({
  method: "get",
  path: MEMBER,
  scopes: ["operator"],
  id: "account",
  answers: { 200: { description: "The account.", data: accountDetailSchema, example: ACCOUNT_DETAIL } },
  docs: {
    operationId: "showAccount",
    tag: "Operators",
    summary: "Show any account",
    description: "Whether it is suspended, how much of what it may have is used, and which of its limits are its own.",
    costs: "Nothing.",
  },
  async handle({ services, id }) {
    return { status: 200, data: accountDetailView(await services.getAnyAccount(id)) };
  },
});

const setLimits = endpoint({
  method: "patch",
  path: MEMBER,
  scopes: ["operator"],
  id: "account",
  body: setAccountLimitsBody,
  answers: {
    200: { description: "The account with its new limits.", data: accountDetailSchema, example: ACCOUNT_DETAIL },
  },
  docs: {
    operationId: "setAccountLimits",
    tag: "Operators",
    summary: "Set an account's limits",
    description:
      "What is not named stays as it is; `null` stands for the installation's limit. In force from the next request on. A limit below what is used takes nothing away: no more can be made until enough was deleted.",
    costs: "Nothing.",
    sample: { body: { servers: 20, vcpus: null, reason: "a larger contract" } },
  },
  async handle({ services, id, body, context }) {
    const { value: account, replayed } = await services.setAccountLimits(id, toLimits(body), context);
    return { status: 200, data: accountDetailView(account), headers: effectHeaders({ replayed }) };
  },
});

const suspend = endpoint({
  method: "post",
  path: `${MEMBER}/suspend`,
  scopes: ["operator"],
  id: "account",
  body: suspendAccountBody,
  answers: {
    200: { description: "The account, which is suspended.", data: accountDetailSchema, example: SUSPENDED_ACCOUNT },
  },
  errors: { invalid_status: "It is the account of the key that asks: nobody could resume it with that." },
  docs: {
    operationId: "suspendAccount",
    tag: "Operators",
    summary: "Suspend an account",
    description:
      "Within a second every call with one of its keys is refused with 403 `account_suspended`, and its event streams are closed. What it has keeps running, and what is under way ends as it would. One that is suspended stays so.",
    costs: "Nothing.",
    sample: { body: { reason: "unpaid since March" } },
  },
  async handle({ services, id, body, context }) {
    const { value: account, replayed } = await services.suspendAccount(id, body.reason, context);
    return { status: 200, data: accountDetailView(account), headers: effectHeaders({ replayed }) };
  },
});

const resume = endpoint({
  method: "post",
  path: `${MEMBER}/resume`,
  scopes: ["operator"],
  id: "account",
  body: resumeAccountBody,
  answers: {
    200: { description: "The account, whose keys work again.", data: accountDetailSchema, example: ACCOUNT_DETAIL },
  },
  docs: {
    operationId: "resumeAccount",
    tag: "Operators",
    summary: "Resume an account",
    description:
      "Its keys work again, those that were not revoked and have not expired meanwhile. One that is active stays so.",
    costs: "Nothing.",
    sample: { body: { reason: "paid" } },
  },
  async handle({ services, id, body, context }) {
    const { value: account, replayed } = await services.resumeAccount(id, body.reason, context);
    return { status: 200, data: accountDetailView(account), headers: effectHeaders({ replayed }) };
  },
});

const issueKey = endpoint({
  method: "post",
  path: KEYS,
  scopes: ["operator"],
  id: "account",
  body: createAccountKeyBody,
  answers: { 201: { description: "The key, with its token.", data: issuedApiKeySchema, example: ISSUED_API_KEY } },
  errors: { name_taken: "Another living API key of the account has this name." },
  docs: {
    operationId: "createAccountKey",
    tag: "Operators",
    summary: "Create a key for an account",
    description:
      "Makes a key of any account with any scopes, whatever the account's limit of keys is: for one that has lost its own, or for another operator (`operator`). Its token is shown in this answer and stored nowhere.",
    costs: "Nothing.",
    sample: { body: { name: API_KEY.name, scopes: ["*"], reason: "has lost its own" } },
  },
  checkReferences: ({ expires_at: expiresAt }) => Promise.resolve(pastExpiry(expiresAt)),
  async handle({ services, id, body, context }) {
    const { value: issued, replayed } = await services.issueKeyForAccount(id, toIssueKeyRequest(body), context);
    return { status: 201, data: issuedApiKeyView(issued), headers: effectHeaders({ replayed }) };
  },
});

const listKeys = endpoint({
  method: "get",
  path: KEYS,
  scopes: ["operator"],
  id: "account",
  query: listAccountKeysQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(apiKeySchema),
      example: [API_KEY],
      isPage: true,
    },
  },
  docs: {
    operationId: "listAccountKeys",
    tag: "Operators",
    summary: "List an account's keys",
    description: "The keys of any account without their tokens, newest first, a page at a time.",
    costs: "Nothing.",
  },
  async handle({ services, id, query, queryString }) {
    const toKeysReply = pageReplies(apiKeyView, `${COLLECTION}/${id}/keys`);
    return toKeysReply(await services.listKeysOfAccount(id, pageRequest(query)), queryString);
  },
});

const revokeKey = endpoint({
  method: "delete",
  path: "/v1/operator/keys/:id",
  scopes: ["operator"],
  id: "apiKey",
  query: revokeAccountKeyQuery,
  answers: { 200: { description: "It is revoked.", data: z.null(), example: null } },
  docs: {
    operationId: "revokeAccountKey",
    tag: "Operators",
    summary: "Revoke a key of any account",
    description:
      "Revokes the key with all its tokens, whosever it is, the last one with full access too: every part of the API refuses it within a second.",
    costs: "Nothing.",
    sample: { query: { reason: "leaked" } },
  },
  async handle({ services, id, query, context }) {
    const { replayed } = await services.revokeAnyKey(id, query.reason, context);
    return { status: 200, data: null, headers: effectHeaders({ replayed }) };
  },
});

export const operatorAccountEndpoints = [create, list, read, setLimits, suspend, resume, issueKey, listKeys, revokeKey];
