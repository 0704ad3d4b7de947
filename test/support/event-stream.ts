import { assertInContract, eventIssues } from "./contract/exchange.ts";
import { waitUntil } from "./wait.ts";

export interface Told {
  id: string;
  event: string;
  /** Null for what only tells the id, `ready` and `reset` too. */
  data: ToldData | null;
}

export interface ToldData {
  id: string;
  type: string;
  resource: { type: string; id: string };
  action_id: string | null;
  data: Record<string, unknown>;
}

export interface Followed {
  response: Response;
  /** Everything so far, `ready` or `reset` first. */
  told: Told[];
  /** The types of the events so far. */
  types(): string[];
  until(what: string, isThere: (told: Told[]) => boolean): Promise<void>;
  /** Resolves when the server has ended it, whether in order or not. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Follows `GET /v1/events` as a program does; every event has to be as the contract has it. */
export async function followEvents(
  address: string,
  token: string,
  { query = "", lastEventId }: { query?: string; lastEventId?: string } = {},
): Promise<Followed> {
  const abort = new AbortController();
  const path = `/v1/events${query}`;
  const requestHeaders = new Headers({
    authorization: `Bearer ${token}`,
    accept: "text/event-stream",
    ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
  });
  const response = await fetch(address + path, { headers: requestHeaders, signal: abort.signal });
  const { status, headers } = response;
  // Of a stream that begins, status and headers: its events are checked one by one, as they come.
  const text = status === 200 ? "" : await response.text();
  assertInContract({ method: "GET", path, requestHeaders, requestBody: undefined, status, headers, text });
  if (status !== 200) throw new Error(`${status} ${text}`);
  const told: Told[] = [];
  const ended = collect(response, told).catch((error: unknown) => {
    // Cut off, by either side. What is wrong with the contents is none of that.
    if (error instanceof Error && error.message.startsWith("not as")) throw error;
  });
  const until = (what: string, isThere: (all: Told[]) => boolean) => waitUntil(what, () => isThere(told));
  await until("the stream begins", () => told.length > 0);
  return {
    response,
    told,
    types: () => told.filter(({ data }) => data !== null).map(({ event }) => event),
    until,
    ended,
    async close() {
      abort.abort();
      await ended;
    },
  };
}

async function collect(response: Response, told: Told[]): Promise<void> {
  let rest = "";
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + text).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const issues = eventIssues(block);
      if (issues.length > 0) throw new Error(`not as the contract has it: ${issues.join()}`);
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1] ?? "";
      const data = field("data");
      told.push({
        id: field("id"),
        event: field("event"),
        data: data === "" || data === "{}" ? null : (JSON.parse(data) as ToldData),
      });
    }
  }
}
