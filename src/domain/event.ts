import type { Action } from "./action.ts";
import type { ApiKey } from "./api-key.ts";
import type { Database } from "./database.ts";
import { ID_PREFIXES } from "./ids.ts";
import { RESOURCE_KINDS } from "./resource.ts";
import type { Server } from "./server.ts";
import type { SshKey } from "./ssh-key.ts";
import { RESOURCE_STATUSES } from "./statuses.ts";

/** What an event is about: an action's is about the server or database that it works on. */
export const EVENT_RESOURCES = [...RESOURCE_KINDS, "ssh_key", "api_key"] as const;
export type EventResource = (typeof EVENT_RESOURCES)[number];

/** A status is an event when it begins; `updated` is any other difference that customers can see. */
const RESOURCE_CHANGES = ["created", ...RESOURCE_STATUSES, "updated", "deleted"] as const;

/** What the triggers on the tables write (the migration `events`). */
export const EVENT_TYPES = [
  ...RESOURCE_KINDS.flatMap((kind) => RESOURCE_CHANGES.map((change) => `${kind}.${change}` as const)),
  "action.started",
  "action.succeeded",
  "action.failed",
  "action.cancelled",
  "action.reopened",
  "ssh_key.created",
  "ssh_key.deleted",
  "api_key.created",
  "api_key.rolled",
  "api_key.revoked",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** An action without what changes while it runs. */
export type ActionOutline = Pick<
  Action,
  "id" | "type" | "status" | "resourceKind" | "resourceId" | "error" | "createdAt" | "endedAt"
>;

/** How it was right after the change. */
export type EventSubject =
  | { kind: "server"; of: Server }
  | { kind: "database"; of: Database }
  | { kind: "action"; of: ActionOutline }
  | { kind: "ssh_key"; of: Pick<SshKey, "id" | "name" | "fingerprint" | "createdAt"> }
  | { kind: "api_key"; of: Pick<ApiKey, "id" | "name" | "hint" | "scopes" | "expiresAt" | "createdAt"> };

/** A place in the order of an account's events. The time tells whether it is the same event: a database that was restored from a backup counts on from an earlier number. */
export interface EventPosition {
  /** 0: before the first. */
  id: bigint;
  /** To the millisecond. */
  at: Date;
}

export interface AccountEvent {
  position: EventPosition;
  type: EventType;
  resourceType: EventResource;
  resourceId: string;
  actionId: string | null;
  subject: EventSubject;
}

const ID_BYTES = 15;
const TIME_BYTES = 7;
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
const TIME_BITS = BigInt(8 * TIME_BYTES);
const BITS_PER_CHARACTER = 5n;
const CHARACTERS = (8 * ID_BYTES) / Number(BITS_PER_CHARACTER);

/** The public id of an event: its position, in the form of all ids. */
export function eventId({ id, at }: EventPosition): string {
  let rest = (id << TIME_BITS) | BigInt(at.getTime());
  let text = "";
  for (let place = 0; place < CHARACTERS; place++) {
    text = ALPHABET.charAt(Number(rest & 31n)) + text;
    rest >>= BITS_PER_CHARACTER;
  }
  return `${ID_PREFIXES.event}_${text}`;
}

const MAX_ID = 2n ** 63n - 1n;
const MAX_TIME_MS = 8_640_000_000_000_000;

/** Null if it is no id of an event. Whether there is such an event is another question. */
export function eventPosition(text: string): EventPosition | null {
  const prefix = `${ID_PREFIXES.event}_`;
  if (!text.startsWith(prefix) || !/^[a-z2-7]{24}$/.test(text.slice(prefix.length))) return null;
  let number = 0n;
  for (const character of text.slice(prefix.length)) {
    number = (number << BITS_PER_CHARACTER) | BigInt(ALPHABET.indexOf(character));
  }
  const [id, time] = [number >> TIME_BITS, Number(number & ((1n << TIME_BITS) - 1n))];
  return id > MAX_ID || time > MAX_TIME_MS ? null : { id, at: new Date(time) };
}
