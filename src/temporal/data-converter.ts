import { fileURLToPath } from "node:url";
import type { DataConverter } from "@temporalio/common";
import { PayloadEncryption } from "./payload-encryption.ts";

export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL("failure-converter.cjs", import.meta.url));

/** What clients and workers put between our values and Temporal: inputs, results, failures, heartbeats and summaries are stored encrypted. */
export function encryptedDataConverter(codecKeys: readonly Buffer[]): DataConverter {
  return { failureConverterPath: FAILURE_CONVERTER_PATH, payloadCodecs: [new PayloadEncryption(codecKeys)] };
}
