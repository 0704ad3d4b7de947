import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection to an HTTP server as bytes, for what no HTTP client would send. */
export class RawConnection {
  private received = "";
  private readonly socket: Socket;
  private readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("latin1").on("data", (text: string) => {
      this.received += text;
    });
    // How it ends is told by what was received.
    socket.on("error", () => undefined);
    this.closed = new Promise((resolve) => socket.once("close", () => resolve()));
  }

  static async open(url: string): Promise<RawConnection> {
    const { port, hostname } = new URL(url);
    const socket = connect({ port: Number(port), host: hostname });
    await once(socket, "connect");
    return new RawConnection(socket);
  }

  send(text: string): void {
    this.socket.write(text, "latin1");
  }

  /** Sends the text once and once more, until the server has closed the connection. */
  async trickle(text: string, everyMs: number): Promise<void> {
    const timer = setInterval(() => this.send(text), everyMs);
    await this.closed.finally(() => clearInterval(timer));
  }

  /** All that came, once the server has closed the connection. */
  async end(): Promise<string> {
    await this.closed;
    return this.received;
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** The answers in what was received, one after the other: status, headers by their lower-case names, body. Fails on one that is not whole. */
export function answersIn(received: string): { status: number; headers: Map<string, string>; body: string }[] {
  const answers: { status: number; headers: Map<string, string>; body: string }[] = [];
  for (let rest = received; rest !== ""; ) {
    const [head = "", ...tail] = rest.split("\r\n\r\n");
    const [statusLine = "", ...lines] = head.split("\r\n");
    const headers = new Map(
      lines.map((line): [string, string] => {
        const [name = "", ...value] = line.split(":");
        return [name.toLowerCase(), value.join(":").trim()];
      }),
    );
    const following = tail.join("\r\n\r\n");
    const length = Number(headers.get("content-length") ?? 0);
    if (tail.length === 0 || following.length < length) throw new Error(`half an answer: ${received}`);
    answers.push({ status: Number(statusLine.split(" ")[1]), headers, body: following.slice(0, length) });
    rest = following.slice(length);
  }
  return answers;
}
