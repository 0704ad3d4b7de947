import { z } from "zod";
import { LIMITS } from "../../domain/limits.ts";
import type { StreamedEvent } from "../../services/services.ts";
import { endpoint } from "../endpoint.ts";
import { EVENT_STREAM } from "../examples.ts";
import { eventsQuery } from "../schemas/event.ts";
import { eventSchema, streamText } from "../views/event.ts";

const follow = endpoint({
  method: "get",
  path: "/v1/events",
  scopes: ["servers:read", "databases:read", "actions:read", "ssh_keys:read", "api_keys:write"],
  query: eventsQuery,
  isResumable: true,
  answers: {
    200: {
      description:
        "A stream that goes on until you close it. It begins with `ready`, or with `reset` where events since your last one are gone; every other event has an `Event` as its data.",
      data: z.string().meta({
        description: "Server-sent events, as the WHATWG describes them: `id`, `event`, `data` (JSON in one line).",
      }),
      example: EVENT_STREAM,
      contentType: "text/event-stream; charset=utf-8",
      isStream: true,
      eventData: eventSchema,
    },
  },
  errors: {
    too_many_streams: `The account has ${LIMITS.eventStreamsPerAccount} streams open at this API process.`,
    overloaded: `The API process has ${LIMITS.eventStreamsPerProcess} streams open.`,
  },
  docs: {
    operationId: "followEvents",
    tag: "Events",
    summary: "Follow what happens",
    description: `Tells of every change in your account within a second, in the order in which they happened: servers, databases, their actions, SSH keys and API keys, as far as the API key may see them. Actions are seen with \`actions:read\`, and with the scope that sees what they work on.

**Nothing is lost in between.** Every event has an \`id\`. Reconnect with the last one as the header \`Last-Event-ID\`, as clients for server-sent events do by themselves, and the stream goes on right after it, at any API process. Events are kept for ${LIMITS.eventRetentionDays} days. Where those after your last one are gone, or it is unknown, the stream begins with the event \`reset\` instead of \`ready\` and goes on from now: read the lists again. \`ready\` and \`reset\` have an \`id\` too.

**To have a whole picture**, open the stream, wait for \`ready\`, then read the lists: what you read is never older than an event that you were told of.

**Types**: \`server.\` and \`database.\` with \`created\`, the new status (\`provisioning\`, \`active\`, \`suspended\`, \`failed\`, \`deleting\`), \`updated\` for any other difference, and \`deleted\`; \`action.started\`, \`.succeeded\`, \`.failed\`, \`.cancelled\`, and \`.reopened\` for one that goes on although its end was told; \`ssh_key.created\`, \`.deleted\`; \`api_key.created\`, \`.rolled\`, \`.revoked\`. \`data\` is how it was right after the change. Steps of actions are no events: \`GET /v1/actions/{id}\` has them.

A silent stream has a comment every 15 s. It ends when the API key does, when the API process stops, and when you take nothing for a minute.`,
    costs: "Nothing.",
  },
  async handle({ services, query, lastEventId, context, waitSignal }) {
    const request = {
      lastEventId: lastEventId ?? query.last_event_id ?? null,
      type: query.type ?? null,
      resourceId: query.resource_id ?? null,
    };
    return { status: 200, data: texts(await services.openEvents(request, context.principal, waitSignal())) };
  },
});

async function* texts(events: AsyncIterable<StreamedEvent>): AsyncGenerator<string> {
  for await (const event of events) yield streamText(event);
}

export const eventEndpoints = [follow];
