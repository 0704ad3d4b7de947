import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundleWorkflowCode, NativeConnection } from "@temporalio/worker";
import { stopOnSignal } from "../src/process.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { encryptedDataConverter, FAILURE_CONVERTER_PATH } from "../src/temporal/data-converter.ts";
import { installTemporalRuntime } from "../src/temporal/runtime.ts";
import { createWorkers } from "../src/temporal/workers.ts";
import { NOOP_REGION, type NoopActivities } from "./noop-contract.ts";

/** Our workers with nothing in them. Usage: CLOUDNEXUS_CODEC_KEY=… noop-worker.ts TEMPORAL_ADDRESS NAMESPACE TASK_QUEUE_PREFIX BUNDLE_FILE */

const [address = "", namespace = "", taskQueuePrefix = "", codePath = ""] = process.argv.slice(2);
const codecKey = Buffer.from(process.env["CLOUDNEXUS_CODEC_KEY"] ?? "", "base64");
const logger = createLogger({ level: "info", name: "noop-worker" });
installTemporalRuntime(logger);

const activities: NoopActivities = { doNothing: () => Promise.resolve() };
const connection = await NativeConnection.connect({ address });
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL("noop-workflow.ts", import.meta.url)),
  failureConverterPath: FAILURE_CONVERTER_PATH,
});
await writeFile(codePath, code);
const workers = await createWorkers({
  connection,
  namespace,
  taskQueuePrefix,
  workflowBundle: { codePath },
  dataConverter: encryptedDataConverter([codecKey]),
  storeActivities: activities,
  regionActivities: { [NOOP_REGION]: activities },
  interceptors: [],
  buildId: null,
  shutdownGraceMs: 1_000,
});
const running = workers.run();
await stopOnSignal(logger, async () => {
  workers.shutdown();
  await running;
  await connection.close();
});
