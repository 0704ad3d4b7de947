import { assertInfrastructureAllowed } from "../../domain/process-role.ts";
import type { ComputeDriver } from "../compute.ts";
import { openConnections } from "./connection.ts";
import { createInstance } from "./create-instance.ts";
import { deleteInstance } from "./delete-instance.ts";
import { checkHealth } from "./health.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { createImages } from "./images.ts";
import { instanceName } from "./instance-name.ts";
import { createInstances, viewOf } from "./instances.ts";
import type { RequestLog } from "./log-handler.ts";
import { createOperations } from "./operations.ts";
import { startInstance, stopInstance } from "./power.ts";
import type { Region } from "./region.ts";
import type { IncusRegionOptions } from "./region-options.ts";
import { createSemaphore } from "./semaphore.ts";
import { createTransport } from "./transport.ts";

export type { RequestLogEntry } from "./log-handler.ts";
export type { IncusRegionOptions } from "./region-options.ts";

export interface IncusDriverOptions {
  /** Creates under way at once in the region. */
  maxParallelCreates?: number;
  /** Told of every request that went over the wire. */
  onRequest?: RequestLog;
}

/** More creates at once on one host only slow each other down. */
const PARALLEL_CREATES = 8;

/** The driver of one region. Connects with its first request. */
export function createIncusDriver(options: IncusRegionOptions, extras: IncusDriverOptions = {}): ComputeDriver {
  assertInfrastructureAllowed();
  const connections = openConnections(options.endpoint, options.tls);
  const transport = createTransport(connections, options.project, extras.onRequest ?? (() => undefined));
  const images = createImages(transport);
  const region: Region = {
    name: options.region,
    instances: createInstances(transport, options),
    operations: createOperations(transport),
    createSlots: createSemaphore(extras.maxParallelCreates ?? PARALLEL_CREATES),
  };

  return {
    findImage: (alias) => images.findByAlias(alias),
    createInstance: (spec, wait) => withHeartbeat(wait, (pulse) => createInstance(region, spec, pulse)),
    startInstance: (owner, wait) => withHeartbeat(wait, (pulse) => startInstance(region, owner, pulse)),
    stopInstance: (owner, graceMs, wait) => withHeartbeat(wait, (pulse) => stopInstance(region, owner, graceMs, pulse)),
    deleteInstance: (owner, wait) => withHeartbeat(wait, (pulse) => deleteInstance(region, owner, pulse)),
    async findInstance(owner) {
      const instance = await region.instances.find(instanceName(owner.id));
      return instance && viewOf(instance);
    },
    async listInstances() {
      return (await region.instances.list()).map(viewOf).filter((instance) => instance.owner !== null);
    },
    listEngineImages: unfinished,
    createVolume: unfinished,
    deleteVolume: unfinished,
    writeFiles: unfinished,
    readFile: unfinished,
    setAccessRules: unfinished,
    removeAccessRules: unfinished,
    checkHealth: () => checkHealth(transport, options),
    close: () => connections.destroy(),
  };
}

function unfinished(): Promise<never> {
  return Promise.reject(new Error("BUG: not there yet"));
}
