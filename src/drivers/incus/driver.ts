import { assertInfrastructureAllowed } from "../../domain/process-role.ts";
import type { ComputeDriver } from "../compute.ts";
import { accessRulesText, removeAccessRules, setAccessRules } from "./access-rules.ts";
import { openConnections } from "./connection.ts";
import { createInstance } from "./create-instance.ts";
import { createVolume, deleteVolume } from "./data-volume.ts";
import { deleteInstance } from "./delete-instance.ts";
import { createFiles } from "./files.ts";
import { readFile, writeFiles } from "./guest-files.ts";
import { checkHealth } from "./health.ts";
import { withHeartbeat } from "./heartbeat.ts";
import { createImages } from "./images.ts";
import { instanceName } from "./instance-name.ts";
import { createInstances, viewOf } from "./instances.ts";
import { takeInventory } from "./inventory.ts";
import type { RequestLog } from "./log-handler.ts";
import { createNetworkAcls } from "./network-acls.ts";
import { createOperations } from "./operations.ts";
import { startInstance, stopInstance } from "./power.ts";
import { rebuildInstance } from "./rebuild-instance.ts";
import { type Region, settledInstance } from "./region.ts";
import type { IncusRegionOptions } from "./region-options.ts";
import { resizeInstance } from "./resize-instance.ts";
import { createSemaphore } from "./semaphore.ts";
import { createTransport } from "./transport.ts";
import { createVolumes } from "./volumes.ts";

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
    network: options.network,
    instances: createInstances(transport, options),
    volumes: createVolumes(transport, options),
    files: createFiles(transport),
    networkAcls: createNetworkAcls(transport, options),
    operations: createOperations(transport),
    createSlots: createSemaphore(extras.maxParallelCreates ?? PARALLEL_CREATES),
    accessRulesSlot: createSemaphore(1),
  };

  return {
    findImage: (alias) => images.findByAlias(alias),
    listEngineImages: () => images.listEngineImages(),
    createInstance: (spec, wait) => withHeartbeat(wait, (pulse) => createInstance(region, spec, pulse)),
    startInstance: (owner, wait) => withHeartbeat(wait, (pulse) => startInstance(region, owner, pulse)),
    stopInstance: (owner, graceMs, wait) => withHeartbeat(wait, (pulse) => stopInstance(region, owner, graceMs, pulse)),
    deleteInstance: (owner, wait) => withHeartbeat(wait, (pulse) => deleteInstance(region, owner, pulse)),
    resizeInstance: (owner, size, wait) => withHeartbeat(wait, (pulse) => resizeInstance(region, owner, size, pulse)),
    rebuildInstance: (owner, disk, wait) => withHeartbeat(wait, (pulse) => rebuildInstance(region, owner, disk, pulse)),
    lookAtInstance: (owner, wait) =>
      withHeartbeat(wait, async (pulse) => viewOf(await settledInstance(region, owner, pulse))),
    async findInstance(owner) {
      const instance = await region.instances.find(instanceName(owner.id));
      return instance && viewOf(instance);
    },
    async listInstances() {
      return (await region.instances.list()).map(viewOf).filter((instance) => instance.owner !== null);
    },
    async takeInventory(signal) {
      // Where we are a stranger, or the project is another one, there is nothing: that must not pass for everything being gone.
      await checkHealth(transport, options);
      return takeInventory(region, signal);
    },
    createVolume: (spec, wait) => withHeartbeat(wait, (pulse) => createVolume(region, spec, pulse)),
    deleteVolume: (owner, wait) => withHeartbeat(wait, (pulse) => deleteVolume(region, owner, pulse)),
    writeFiles: (owner, files, wait) => withHeartbeat(wait, (pulse) => writeFiles(region, owner, files, pulse)),
    readFile: (owner, path, wait) => withHeartbeat(wait, (pulse) => readFile(region, owner, path, pulse)),
    setAccessRules: (owner, rules, wait) => withHeartbeat(wait, (pulse) => setAccessRules(region, owner, rules, pulse)),
    accessRulesText,
    removeAccessRules: (owner, wait) => withHeartbeat(wait, (pulse) => removeAccessRules(region, owner, pulse)),
    checkHealth: () => checkHealth(transport, options),
    close: () => connections.destroy(),
  };
}
