import { Agent, request } from "undici";
import type { RegionInfrastructure } from "../../src/config/catalog.ts";
import { instanceName } from "../../src/drivers/incus/instance-name.ts";
import type { ServerJson } from "./api-client.ts";

/** What of a deleted server is still there in the infrastructure: instance, volume, lease. Asked on the unix socket of its region. */
export async function findLeftovers(
  region: RegionInfrastructure,
  socketPath: string,
  server: ServerJson,
): Promise<string[]> {
  const name = instanceName(server.id);
  const dispatcher = new Agent({ connect: { socketPath } });
  const get = async (path: string): Promise<{ status: number; metadata: unknown }> => {
    const { statusCode, body } = await request(`http://incus${path}`, { dispatcher });
    const { metadata } = (await body.json()) as { metadata?: unknown };
    return { status: statusCode, metadata };
  };
  const isThere = async (path: string): Promise<boolean> => {
    const { status } = await get(`${path}?project=${region.project}`);
    if (status !== 200 && status !== 404) throw new Error(`${path} answered ${status}: what is left can't be told`);
    return status === 200;
  };
  try {
    const left: string[] = [];
    if (await isThere(`/1.0/instances/${name}`)) left.push(`instance ${name}`);
    const volume = `/1.0/storage-pools/${region.storagePool}/volumes/container/${name}`;
    if (await isThere(volume)) left.push(`volume ${name}`);
    const { status, metadata } = await get(`/1.0/networks/${region.network}/leases?project=${region.project}`);
    if (status !== 200 || !Array.isArray(metadata)) throw new Error(`the leases of ${region.network} can't be read`);
    const leases = metadata as { hostname: string; address: string }[];
    const lease = leases.find((entry) => entry.hostname === name || entry.address === server.ipv4);
    if (lease) left.push(`lease of ${lease.address}`);
    return left;
  } finally {
    await dispatcher.close();
  }
}
