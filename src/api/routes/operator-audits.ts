import { z } from "zod";
import { endpoint } from "../endpoint.ts";
import { AUDIT, AUDIT_DETAIL, AUDIT_EVENT } from "../examples.ts";
import { createAuditBody, listAuditLogQuery, listAuditsQuery, toCreateAuditRequest } from "../schemas/audit.ts";
import { pageRequest } from "../schemas/pagination.ts";
import {
  auditDetailSchema,
  auditDetailView,
  auditEventSchema,
  auditEventView,
  auditSchema,
  auditView,
} from "../views/audit.ts";
import { pageReplies } from "../views/pagination.ts";
import { effectHeaders } from "../views/reply-headers.ts";

const COLLECTION = "/v1/operator/audits";
const LOG = "/v1/operator/audit-log";

const create = endpoint({
  method: "post",
  path: COLLECTION,
  scopes: ["operator"],
  body: createAuditBody,
  answers: {
    202: { description: "The audit, which has begun.", data: auditSchema, example: AUDIT, hasLocation: true },
  },
  docs: {
    operationId: "createAudit",
    tag: "Operators",
    summary: "Compare everything",
    description:
      "Compares rows, running workflows and infrastructure in both directions, and tells what differs. It changes no infrastructure unless `repair` is set; in any case `power_state`, and `error` of what has lost its instance, are written as they are seen. What an action is working on is left alone, and so is what does not carry this installation's tags. Follow it with `GET /v1/operator/audits/{id}`.",
    costs: "Nothing.",
    sample: { body: { repair: false, reason: "after the power cut" } },
  },
  async handle({ services, body, context }) {
    const { value: audit, replayed } = await services.createAudit(toCreateAuditRequest(body), context);
    const headers = effectHeaders({ location: `${COLLECTION}/${audit.id}`, replayed });
    return { status: 202, data: auditView(audit), headers };
  },
});

const toReply = pageReplies(auditView, COLLECTION);

const list = endpoint({
  method: "get",
  path: COLLECTION,
  scopes: ["operator"],
  query: listAuditsQuery,
  answers: {
    200: { description: "A page of them, newest first.", data: z.array(auditSchema), example: [AUDIT], isPage: true },
  },
  docs: {
    operationId: "listAudits",
    tag: "Operators",
    summary: "List all audits",
    description: "The audits of the last 7 days, those of the schedule too, newest first, with their totals.",
    costs: "Nothing.",
  },
  async handle({ services, query, queryString }) {
    return toReply(await services.listAudits(pageRequest(query)), queryString);
  },
});

const read = endpoint({
  method: "get",
  path: `${COLLECTION}/:id`,
  scopes: ["operator"],
  id: "audit",
  answers: { 200: { description: "The audit as it is now.", data: auditDetailSchema, example: AUDIT_DETAIL } },
  docs: {
    operationId: "getAudit",
    tag: "Operators",
    summary: "Show an audit",
    description: "What was compared, the totals of every region, and every difference with what became of it.",
    costs: "Nothing.",
  },
  async handle({ services, id }) {
    return { status: 200, data: auditDetailView(await services.getAudit(id)) };
  },
});

const toLogReply = pageReplies(auditEventView, LOG);

const log = endpoint({
  method: "get",
  path: LOG,
  scopes: ["operator"],
  query: listAuditLogQuery,
  answers: {
    200: {
      description: "A page of it, newest first.",
      data: z.array(auditEventSchema),
      example: [AUDIT_EVENT],
      isPage: true,
    },
  },
  docs: {
    operationId: "listAuditLog",
    tag: "Operators",
    summary: "Read the audit log",
    description:
      "Who did what that has to be answered for, in all accounts or one: reads of credentials, changes of API keys and accounts, and everything that operators change.",
    costs: "Nothing.",
  },
  async handle({ services, query, queryString }) {
    return toLogReply(await services.listAuditLog(query.account_id ?? null, pageRequest(query)), queryString);
  },
});

export const operatorAuditEndpoints = [create, list, read, log];
