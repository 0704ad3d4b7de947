import { z } from "zod";
import type { ApiKey, IssuedApiKey } from "../../domain/api-key.ts";
import { shownId, timestamp } from "../schemas/shown.ts";
import { rfc3339 } from "./timestamp.ts";

const shape = {
  id: shownId("apiKey"),
  name: z.string(),
  hint: z.string().meta({ description: "How its token begins, to recognise it by." }),
  scopes: z.array(z.string()).meta({ description: "What it may do; `*`: everything." }),
  expires_at: timestamp.nullable().meta({ description: "From when on it is refused; null: never." }),
  last_used_at: timestamp.nullable().meta({ description: "To the minute; null: never used." }),
  previous_token_until: timestamp
    .nullable()
    .meta({ description: "Until when the token from before its roll works; null: there is none." }),
  created_at: timestamp,
};

export const apiKeySchema = z.object(shape).meta({ id: "ApiKey" });

export const issuedApiKeySchema = z
  .object({
    ...shape,
    token: z.string().nullable().meta({
      description: "What to send as `Authorization: Bearer …`. Shown this once; null in the answer to a repetition.",
    }),
  })
  .meta({ id: "IssuedApiKey" });

export function apiKeyView(key: ApiKey): z.output<typeof apiKeySchema> {
  return {
    id: key.id,
    name: key.name,
    hint: key.hint,
    scopes: key.scopes,
    expires_at: key.expiresAt && rfc3339(key.expiresAt),
    last_used_at: key.lastUsedAt && rfc3339(key.lastUsedAt),
    previous_token_until: key.previousTokenUntil && rfc3339(key.previousTokenUntil),
    created_at: rfc3339(key.createdAt),
  };
}

export function issuedApiKeyView({ key, token }: IssuedApiKey): z.output<typeof issuedApiKeySchema> {
  return { ...apiKeyView(key), token };
}
