import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { SSH_KEY } from "../examples.ts";
import { pageRequest } from "../schemas/pagination.ts";
import { createSshKeyBody, listSshKeysQuery } from "../schemas/ssh-key.ts";
import { pageReplies } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";
import { sshKeySchema, sshKeyView } from "../views/ssh-key.ts";

const COLLECTION = "/v1/ssh_keys";
const MEMBER = "/v1/ssh_keys/:id";

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["ssh_keys:write"],
  body: createSshKeyBody,
  answers: { 201: { description: "The key.", data: sshKeySchema, example: SSH_KEY, hasLocation: true } },
  errors: {
    name_taken: "Another SSH key of yours has this name.",
    quota_exceeded: "Your account may not have more SSH keys.",
    ssh_key_exists: "You have this public key already, under another name.",
  },
  docs: {
    operationId: "createSshKey",
    tag: "SSH keys",
    summary: "Add an SSH key",
    description:
      "Adds a public key; creates name it by its id. A private key that is sent by mistake is refused, and nothing of it is stored, logged or echoed.",
    costs: "Nothing.",
    sample: { body: { name: SSH_KEY.name, public_key: SSH_KEY.public_key } },
  },
  async handle({ services, body, context }) {
    const request = { name: body.name, publicKey: body.public_key };
    const { value: key, replayed } = await services.createSshKey(request, context);
    return {
      status: 201,
      data: sshKeyView(key),
      headers: effectHeaders({ location: `${COLLECTION}/${key.id}`, replayed }),
    };
  },
});

const toReply = pageReplies(sshKeyView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["ssh_keys:read"],
  query: listSshKeysQuery,
  answers: {
    200: {
      description: "A page of them, newest first.",
      data: z.array(sshKeySchema),
      example: [SSH_KEY],
      isPage: true,
    },
  },
  docs: {
    operationId: "listSshKeys",
    tag: "SSH keys",
    summary: "List all SSH keys",
    description: "Your SSH keys, newest first, a page at a time.",
    costs: "Nothing.",
  },
  async handle({ services, query, queryString, context }) {
    const page = await services.listSshKeys(pageRequest(query), context.principal);
    return toReply(page, queryString);
  },
});

const read = endpoint({
  method: "get",
  path: MEMBER,
  scopes: ["ssh_keys:read"],
  id: "sshKey",
  answers: { 200: { description: "The key.", data: sshKeySchema, example: SSH_KEY } },
  docs: {
    operationId: "getSshKey",
    tag: "SSH keys",
    summary: "Show an SSH key",
    description: "One of your SSH keys.",
    costs: "Nothing.",
  },
  async handle({ services, id, context }) {
    return { status: 200, data: sshKeyView(await services.getSshKey(id, context.principal)) };
  },
});

const remove = endpoint({
  method: "delete",
  path: MEMBER,
  scopes: ["ssh_keys:write"],
  id: "sshKey",
  answers: { 200: { description: "It is gone.", data: z.null(), example: null } },
  docs: {
    operationId: "deleteSshKey",
    tag: "SSH keys",
    summary: "Remove an SSH key",
    description:
      "Removes the key from your account. Servers that were given it keep it: take it out of their `authorized_keys` yourself.",
    costs: "Nothing.",
  },
  async handle({ services, id, context }) {
    const { replayed } = await services.deleteSshKey(id, context);
    return { status: 200, data: null, headers: effectHeaders({ replayed }) };
  },
});

export const sshKeyEndpoints = [create, list, read, remove];
