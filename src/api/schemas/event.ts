import { z } from "zod";
import { EVENT_TYPES } from "../../domain/event.ts";
import { identifier, oneOf } from "./fields.ts";

export const eventsQuery = z.strictObject({
  last_event_id: z
    .string()
    .meta({
      description: "Go on after this event: as the header `Last-Event-ID`, for clients that can't set one.",
      published: { type: "string", pattern: "^evt_[a-z2-7]{24}$" },
    })
    .optional(),
  type: oneOf(EVENT_TYPES).meta({ description: "Only those of this type." }).optional(),
  resource_id: identifier.meta({ description: "Only those about this, its actions included." }).optional(),
});
