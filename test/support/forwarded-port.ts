import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";

/** A way to a server by an address that is not its own: a port of this machine's, from which everything goes there. */
export async function forwardPort(
  host: string,
  port: number,
): Promise<{ host: string; port: number; close: () => void }> {
  const listener = createServer((incoming) => {
    const outgoing = connect({ host, port });
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("error", () => outgoing.destroy());
    outgoing.on("error", () => incoming.destroy());
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const address = listener.address() as AddressInfo;
  return { host: address.address, port: address.port, close: () => listener.close() };
}
