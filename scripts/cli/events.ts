import type { Surroundings } from "./run.ts";

/** Prints a stream of events, the data of each as a line of JSON, as they come. It ends when the server ends it, and says from where to go on. */
export async function printEvents(
  response: Response,
  { print, tell }: Pick<Surroundings, "print" | "tell">,
): Promise<void> {
  let lastId = "";
  try {
    for await (const { id, event, data } of readMessages(response)) {
      lastId = id;
      if (event === "reset") tell("events were missed: read the lists again");
      else if (event !== "" && event !== "ready") print(data);
    }
  } finally {
    tell(`the stream has ended; go on with --last-event-id ${lastId}`);
  }
}

interface Message {
  id: string;
  event: string;
  data: string;
}

/** The messages of a text/event-stream as this API writes it: a line a field. Those without an event only tell the id. */
async function* readMessages(response: Response): AsyncGenerator<Message> {
  let rest = "";
  const message: Message = { id: "", event: "", data: "" };
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, field, value = ""] = /^(id|event|data): (.*)$/.exec(line) ?? [];
      if (field !== undefined) message[field as keyof Message] = value;
      if (line !== "") continue;
      yield { ...message };
      Object.assign(message, { event: "", data: "" });
    }
  }
}
