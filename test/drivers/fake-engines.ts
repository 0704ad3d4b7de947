import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, type SecureContextOptions, TLSSocket } from "node:tls";

/** A server that knows as much of an engine's protocol as a login and one question need. */
export interface FakeEngine {
  port: number;
  /** How many connections are open. */
  open(): number;
  close(): Promise<void>;
}

type Talk = (socket: Socket) => unknown;

/** Redis over TLS. `answer` is what everything but the login gets. */
export function fakeRedis(tls: SecureContextOptions, password: string, answer = "+PONG"): Promise<FakeEngine> {
  return listenTls(tls, (socket) => {
    socket.on("data", (data) => {
      // Commands are arrays of counted texts, several to a packet.
      for (const command of data.toString().split(/^(?=\*\d+\r\n)/m)) {
        const isLogin = /\r\n(auth|hello)\r\n/i.test(command);
        if (isLogin) socket.write(command.includes(`\r\n${password}\r\n`) ? "+OK\r\n" : "-WRONGPASS invalid\r\n");
        else socket.write(`${answer}\r\n`);
      }
    });
  });
}

const MYSQL_OK = Buffer.from([0, 0, 0, 2, 0, 0, 0]);

/** MySQL, which turns to TLS after its greeting. It lets everybody in, or refuses with an error number. */
export function fakeMysql(tls: SecureContextOptions, refusal: number | null = null): Promise<FakeEngine> {
  return listen(
    createServer((raw) => {
      raw.write(mysqlPacket(0, mysqlGreeting()));
      raw.once("data", (request) => {
        // 32 bytes and a head ask for TLS; what came along is its beginning.
        if (request.readUIntLE(0, 3) !== 32) return raw.destroy(new Error("the login came without TLS"));
        raw.pause().unshift(request.subarray(36));
        const socket = new TLSSocket(raw, { ...tls, isServer: true });
        socket.on("error", () => undefined);
        let isIn = false;
        return socket.on("data", () => {
          if (!isIn && refusal !== null) socket.write(mysqlPacket(3, mysqlError(refusal)));
          else socket.write(mysqlPacket(isIn ? 1 : 3, MYSQL_OK));
          isIn = true;
        });
      });
    }),
  );
}

function mysqlPacket(sequence: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, payload]);
}

/** Version 10, with the capabilities TLS, secure connection, plugin authentication and the rest that clients insist on. */
function mysqlGreeting(): Buffer {
  const capabilities = 0x00_08_8a_01 | 0x02_00 | 0x20_00;
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from("9.7.0\0"),
    Buffer.from([1, 0, 0, 0]),
    Buffer.from("saltsalt\0"),
    Buffer.from([capabilities & 0xff, (capabilities >> 8) & 0xff, 0xff, 2, 0]),
    Buffer.from([(capabilities >> 16) & 0xff, (capabilities >> 24) & 0xff, 21, ...Array<number>(10).fill(0)]),
    Buffer.from("saltsaltsalt\0"),
    Buffer.from("caching_sha2_password\0"),
  ]);
}

function mysqlError(number: number): Buffer {
  return Buffer.concat([Buffer.from([0xff, number & 0xff, number >> 8]), Buffer.from("#28000refused")]);
}

/** A port that speaks TLS, listens, and never says anything. */
export function silentTls(tls: SecureContextOptions): Promise<FakeEngine> {
  return listenTls(tls, (socket) => socket.resume());
}

function listenTls(tls: SecureContextOptions, talk: Talk): Promise<FakeEngine> {
  return listen(
    createTlsServer(tls, (socket) => {
      socket.on("error", () => undefined);
      talk(socket);
    }),
  );
}

async function listen(server: ReturnType<typeof createServer>): Promise<FakeEngine> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    open: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
