import { readFileSync } from "node:fs";
import type { RegionCompute } from "../activities/region-compute.ts";
import type { RegionInfrastructure } from "./config/catalog.ts";
import type { Config } from "./config/config.ts";
import { SettingError } from "./config/setting-error.ts";
import { createIncusDriver } from "./drivers/incus/driver.ts";
import { createSandboxProbe } from "./drivers/probe/sandbox-probe.ts";
import { createTcpProbe } from "./drivers/probe/tcp-probe.ts";
import type { SecretBox } from "./store/secret-box.ts";

/** Driver and probe of every region that this worker serves. */
export function computeRegions(config: Config, secretBox: SecretBox): Record<string, RegionCompute> {
  const served = config.infrastructures.filter(({ region }) => config.servedRegions.includes(region));
  return Object.fromEntries(
    served.map((region) => [
      region.region,
      {
        driver: createIncusDriver({
          region: region.region,
          endpoint: region.endpoint,
          ...(region.tls ? { tls: readTls(region.region, region.tls) } : {}),
          project: region.project,
          network: region.network,
          storagePool: region.storagePool,
          gateway: region.gateway,
          prefixLength: region.prefixLength,
        }),
        probe:
          config.infrastructure === "sandbox"
            ? createSandboxProbe(region.endpoint.slice("unix://".length))
            : createTcpProbe(),
        network: {
          gateway: region.gateway,
          prefixLength: region.prefixLength,
          nameservers: region.nameservers,
        },
        openSecret: (box: string, boundTo: string) => secretBox.open(box, boundTo),
      },
    ]),
  );
}

function readTls(region: string, tls: NonNullable<RegionInfrastructure["tls"]>) {
  const read = (file: string, setting: string) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      throw new SettingError(`regions.${region}.tls.${setting}`, `cannot read ${file}`);
    }
  };
  return {
    clientCertificate: read(tls.clientCertificateFile, "client_certificate_file"),
    clientKey: read(tls.clientKeyFile, "client_key_file"),
    serverFingerprint: tls.serverFingerprint,
  };
}
