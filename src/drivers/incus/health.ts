import { ComputeError } from "../compute.ts";
import { IncusError } from "./error-table.ts";
import type { IncusRegionOptions } from "./region-options.ts";
import { apiPath, type Transport } from "./transport.ts";

const CHECK_TIMEOUT_MS = 5_000;

/** Fails unless the endpoint answers, trusts us, and has the project, network and pool that the configuration names, at the address it says. */
export async function checkHealth(transport: Transport, region: IncusRegionOptions): Promise<void> {
  await assertTrusted(transport);
  await existing("project", apiPath("projects", region.project), region.project);
  const [network] = await Promise.all([
    existing<{ config?: Record<string, string> }>("network", apiPath("networks", region.network), region.network),
    existing("storage pool", apiPath("storage-pools", region.storagePool), region.storagePool),
  ]);
  const address = network.config?.["ipv4.address"];
  const expected = `${region.gateway}/${region.prefixLength}`;
  // A network without an address of its own has its gateway elsewhere, which is nothing that Incus could tell.
  if (address?.includes("/") && address !== expected) {
    throw misconfigured(`the network ${region.network} has ${address}, the configuration says ${expected}`);
  }

  async function existing<T>(noun: string, path: string, name: string): Promise<T> {
    try {
      return await transport.read<T>(path, { timeoutMs: CHECK_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof IncusError) || error.status !== 404) throw error;
      throw misconfigured(`the ${noun} ${name} does not exist: create it, or correct the configuration`, error);
    }
  }

  function misconfigured(text: string, cause?: unknown): ComputeError {
    return new ComputeError("infrastructure_error", `region ${region.region}: ${text}`, { transient: false, cause });
  }
}

/** An unknown certificate may read the front page, which tells it so, and little else. */
export async function assertTrusted(transport: Transport): Promise<void> {
  const { auth } = await transport.read<{ auth: string }>("/1.0", { timeoutMs: CHECK_TIMEOUT_MS });
  if (auth === "trusted") return;
  const text = "the server does not trust our client certificate: add it with `incus config trust add-certificate`";
  throw new ComputeError("infrastructure_unauthorized", text, { transient: false });
}
