import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

/** What the server says once a transaction is on disk: CommandComplete with its tag. */
const COMMITTED = Buffer.from("COMMIT\0");

/** Long enough for the reader to see the first part alone. */
const SPLIT_MS = 20;
/** CopyDone: no row comes after it. */
const COPY_DONE = Buffer.from("c\0\0\0\x04", "latin1");

/** A way to PostgreSQL that can be cut at the moment where nobody but the server knows that it has committed. */
export class DatabaseProxy {
  private readonly open = new Set<Socket>();
  private cutsAtCommit = 0;
  /** How many commits nobody was told of. */
  swallowedCommits = 0;
  /** What comes after the rows of a COPY comes in a packet of its own, a moment later. */
  splitsAfterRows = false;

  private readonly target: { host: string; port: number };

  private constructor(target: { host: string; port: number }) {
    this.target = target;
  }

  /** `url` leads through the proxy afterwards. */
  static async start(databaseUrl: string): Promise<{ proxy: DatabaseProxy; url: string; stop: () => void }> {
    const { hostname, port } = new URL(databaseUrl);
    const proxy = new DatabaseProxy({ host: hostname, port: Number(port) });
    const listener = createServer((client) => proxy.serve(client));
    listener.listen(0, "127.0.0.1");
    await once(listener, "listening");
    const url = new URL(databaseUrl);
    url.port = String((listener.address() as AddressInfo).port);
    const stop = () => {
      listener.close();
      proxy.cutAll();
    };
    return { proxy, url: url.toString(), stop };
  }

  /** The next commit happens, its answer gets lost, and its connection is cut. */
  swallowNextCommit(): void {
    this.cutsAtCommit += 1;
  }

  cutAll(): void {
    for (const socket of this.open) socket.destroy();
  }

  private serve(client: Socket): void {
    const server = connect(this.target);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.open.add(socket);
      socket.on("error", () => undefined);
      socket.once("close", () => {
        this.open.delete(socket);
        other.destroy();
      });
    }
    client.pipe(server);
    server.on("data", (bytes: Buffer) => {
      if (this.cutsAtCommit > 0 && bytes.includes(COMMITTED)) {
        this.cutsAtCommit -= 1;
        this.swallowedCommits += 1;
        client.destroy();
      } else {
        void this.pass(bytes, server, client);
      }
    });
  }

  private async pass(bytes: Buffer, server: Socket, client: Socket): Promise<void> {
    const end = this.splitsAfterRows ? bytes.indexOf(COPY_DONE) + COPY_DONE.length : 0;
    if (end <= COPY_DONE.length) {
      client.write(bytes);
      return;
    }
    // Nothing overtakes the rest.
    server.pause();
    client.write(bytes.subarray(0, end));
    await delay(SPLIT_MS);
    client.write(bytes.subarray(end));
    server.resume();
  }
}
