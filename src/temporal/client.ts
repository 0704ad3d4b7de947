import { Client } from "@temporalio/client";
import { encryptedDataConverter } from "./data-converter.ts";
import { PlainConnection } from "./plain-connection.ts";

export interface TemporalOptions {
  address: string;
  namespace: string;
  taskQueuePrefix: string;
}

/** A client that connects on first use, so that a process can start, and accept requests, while Temporal is away. */
export function lazyTemporalClient(options: TemporalOptions, codecKeys: readonly Buffer[]): Client {
  const { address, namespace } = options;
  const connection = PlainConnection.to(address, namespace);
  return new Client({ connection, namespace, dataConverter: encryptedDataConverter(codecKeys) });
}
