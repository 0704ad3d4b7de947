import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** What the server says once a transaction is on disk: CommandComplete with its tag. */
const COMMITTED = Buffer.from("COMMIT\0");

/** A way to PostgreSQL that can be cut at the moment where nobody but the server knows that it has committed. */
export class DatabaseProxy {
  private readonly open = new Set<Socket>();
  private cutsAtCommit = 0;
  /** How many commits nobody was told of. */
  swallowedCommits = 0;

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
        client.write(bytes);
      }
    });
  }
}
