import { z } from "zod";
import { DomainError } from "../../domain/domain-error.ts";
import { endpoint } from "../endpoint.ts";

const READY = { ready: true, message: null };

const checkSchema = z.object({ ready: z.boolean(), message: z.string().nullable() }).meta({ id: "ReadinessCheck" });
const readinessSchema = z
  .object({
    ready: z.boolean(),
    checks: z.object({ database: checkSchema, temporal: checkSchema, worker: checkSchema }),
  })
  .meta({ id: "Readiness" });

const alive = endpoint({
  method: "get",
  path: "/healthz",
  scopes: null,
  cost: 0,
  answers: { 200: { description: "It is.", data: z.object({ alive: z.literal(true) }), example: { alive: true } } },
  docs: {
    operationId: "getHealth",
    tag: "Service",
    summary: "Is the API alive?",
    description: "For orchestrators: the process answers, whatever the rest does. Parameters are ignored.",
    costs: "Nothing.",
  },
  handle: () => Promise.resolve({ status: 200, data: { alive: true as const } }),
});

const ready = endpoint({
  method: "get",
  path: "/readyz",
  scopes: null,
  cost: 0,
  answers: {
    200: {
      description: "All of them are.",
      data: readinessSchema,
      example: { ready: true, checks: { database: READY, temporal: READY, worker: READY } },
    },
    503: {
      description: "Some are missing: `data` shows all of them.",
      data: readinessSchema,
      example: {
        ready: false,
        checks: { database: READY, temporal: READY, worker: { ready: false, message: "no worker is polling" } },
      },
    },
  },
  docs: {
    operationId: "getReadiness",
    tag: "Service",
    summary: "Can it do its work?",
    description:
      "For load balancers: whether everything is there that accepting and carrying out requests needs. Parameters are ignored.",
    costs: "Nothing.",
  },
  async handle({ services, waitSignal }) {
    const isStopping = waitSignal();
    const checks = await services.readiness();
    const failing = Object.entries(checks).filter(([, check]) => !check.ready);
    const data = { ready: failing.length === 0 && !isStopping.aborted, checks };
    if (data.ready) return { status: 200, data };
    const details = failing.map(([field, check]) => ({ field, issue: check.message ?? "is not ready" }));
    if (isStopping.aborted) details.push({ field: "api", issue: "is stopping" });
    return { status: 503, data, error: new DomainError("service_unavailable", { details }) };
  },
});

export const serviceEndpoints = [alive, ready];
