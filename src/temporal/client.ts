import { Client, Connection } from "@temporalio/client";
import { encryptedDataConverter } from "./data-converter.ts";

export interface TemporalOptions {
  address: string;
  namespace: string;
  taskQueuePrefix: string;
}

/** A client that connects on first use, so that a process can start, and accept requests, while Temporal is away. */
export function lazyTemporalClient(options: TemporalOptions, codecKeys: readonly Buffer[]): Client {
  const connection = Connection.lazy({ address: options.address, connectTimeout: "3s" });
  return new Client({ connection, namespace: options.namespace, dataConverter: encryptedDataConverter(codecKeys) });
}
