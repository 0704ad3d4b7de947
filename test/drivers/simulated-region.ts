import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, request } from "undici";
import type { IncusRegionOptions } from "../../src/drivers/incus/driver.ts";
import { type Simulator, startSimulator } from "../support/simulator.ts";
import type { ContractTarget } from "./contract.ts";

export interface SimulatedRegion extends ContractTarget {
  simulator: Simulator;
  stop(): Promise<void>;
}

/** A region of its own on a simulator of its own. */
export async function startSimulatedRegion(speed: "instant" | "sandbox" = "instant"): Promise<SimulatedRegion> {
  const folder = mkdtempSync(join(tmpdir(), "cn-driver-"));
  const region: IncusRegionOptions = {
    region: "us-east-1",
    endpoint: `unix://${folder}/simulator.sock`,
    project: "cloudnexus-us-east-1",
    network: "cnuseast1",
    storagePool: "cloudnexus",
    gateway: "10.88.0.1",
    prefixLength: 24,
  };
  const imageAlias = "cloudnexus/debian-12";
  const simulator = await startSimulator({
    socket: join(folder, "simulator.sock"),
    stateFile: join(folder, "simulator.state"),
    projects: [region.project],
    networks: [`${region.network}=${region.gateway}/${region.prefixLength}`],
    images: [imageAlias],
    engineImages: true,
    speed,
  });
  const agent = new Agent({ connect: { socketPath: simulator.socket } });
  const instance = async (name: string) => {
    const { instances } = await simulator.snapshot();
    const found = instances.find((candidate) => candidate.name === name);
    if (!found) throw new Error(`the simulator has no instance ${name}`);
    return found as typeof found & { devices: Record<string, Record<string, string>> };
  };
  return {
    region,
    imageAlias,
    addresses: Array.from({ length: 200 }, (_, index) => `10.88.0.${index + 20}`),
    rawConfig: async (name) => (await instance(name)).config,
    rawDevices: async (name) => (await instance(name)).devices,
    plantForeign: (name) => simulator.plantInstance({ name, project: region.project, config: {} }),
    // The planted ones go with the simulator.
    removeForeign: async () => undefined,
    async query<T>(method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: object) {
      const answer = await request(`http://simulator${path}`, {
        method,
        dispatcher: agent,
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      const { metadata, error } = (await answer.body.json()) as { metadata: T; error?: string };
      if (error) throw new Error(error);
      return metadata;
    },
    async fileMode(name, path) {
      const query = { path, project: region.project };
      const answer = await request(`http://simulator/1.0/instances/${name}/files`, { dispatcher: agent, query });
      await answer.body.dump();
      return ["mode", "uid", "gid"].map((attribute) => String(answer.headers[`x-incus-${attribute}`])).join(" ");
    },
    simulator,
    async stop() {
      await agent.destroy();
      await simulator.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
