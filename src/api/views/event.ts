import { z } from "zod";
import {
  type AccountEvent,
  EVENT_RESOURCES,
  EVENT_TYPES,
  type EventPosition,
  type EventSubject,
  eventId,
} from "../../domain/event.ts";
import type { StreamedEvent } from "../../services/services.ts";
import { shownId, timestamp } from "../schemas/shown.ts";
import { actionOutlineSchema, actionOutlineView } from "./action.ts";
import { apiKeySchema } from "./api-key.ts";
import { databaseSchema, databaseView } from "./database.ts";
import { serverSchema, serverView } from "./server.ts";
import { sshKeySchema } from "./ssh-key.ts";
import { rfc3339 } from "./timestamp.ts";

const sshKeyOutline = sshKeySchema.omit({ public_key: true }).meta({ id: "SshKeyOutline" });
const apiKeyOutline = apiKeySchema
  .omit({ last_used_at: true, previous_token_until: true })
  .meta({ id: "ApiKeyOutline" });

/** The data of an event of the stream. */
export const eventSchema = z
  .object({
    id: shownId("event").meta({ description: "Opaque; the same in every API process. For `Last-Event-ID`." }),
    type: z.enum(EVENT_TYPES).meta({ description: "Further types may be added." }),
    resource: z
      .object({ type: z.enum(EVENT_RESOURCES), id: z.string() })
      .meta({ description: "What it happened to; of an action: what that works on." }),
    action_id: shownId("action").nullable().meta({ description: "The action that it belongs to, if any." }),
    created_at: timestamp,
    data: z.union([serverSchema, databaseSchema, actionOutlineSchema, sshKeyOutline, apiKeyOutline]).meta({
      description: "How it was right after the change, as its own call shows it; an action without its steps.",
    }),
  })
  .meta({ id: "Event" });

type EventView = z.output<typeof eventSchema>;

function eventView(event: AccountEvent): EventView {
  return {
    id: eventId(event.position),
    type: event.type,
    resource: { type: event.resourceType, id: event.resourceId },
    action_id: event.actionId,
    created_at: rfc3339(event.position.at),
    data: subjectView(event.subject),
  };
}

function subjectView(subject: EventSubject): EventView["data"] {
  switch (subject.kind) {
    case "server":
      return serverView(subject.of);
    case "database":
      return databaseView(subject.of);
    case "action":
      return actionOutlineView(subject.of);
    case "ssh_key": {
      const { id, name, fingerprint, createdAt } = subject.of;
      return { id, name, fingerprint, created_at: rfc3339(createdAt) };
    }
    case "api_key": {
      const { id, name, hint, scopes, expiresAt, createdAt } = subject.of;
      return { id, name, hint, scopes, expires_at: expiresAt && rfc3339(expiresAt), created_at: rfc3339(createdAt) };
    }
  }
}

/** How soon a client comes back whose stream has ended. */
const RETRY_MS = 2_000;

/** As text/event-stream has it. JSON has no line break of its own. */
export function streamText(streamed: StreamedEvent): string {
  switch (streamed.kind) {
    case "event":
      return message(streamed.event.position, streamed.event.type, eventView(streamed.event));
    case "ready":
    case "reset":
      return `retry: ${RETRY_MS}\n${message(streamed.position, streamed.kind, {})}`;
    case "heartbeat":
      // Without data it is no event, and yet the client comes back from here: past what it is not shown.
      return `: heartbeat\nid: ${eventId(streamed.position)}\n\n`;
  }
}

function message(position: EventPosition, type: string, data: object): string {
  return `id: ${eventId(position)}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}
