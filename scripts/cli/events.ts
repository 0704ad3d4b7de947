/** Prints a stream of events, the data of each as a line of JSON, as they come. It ends when the server ends it, and says from where to go on. */
export async function printEvents(response: Response): Promise<number> {
  let lastId = "";
  try {
    for await (const { id, event, data } of readMessages(response)) {
      lastId = id;
      if (event === "reset") process.stderr.write("events were missed: read the lists again\n");
      else if (event !== "" && event !== "ready") process.stdout.write(`${data}\n`);
    }
    return 1;
  } finally {
    process.stderr.write(`the stream has ended; go on with --last-event-id ${lastId}\n`);
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
