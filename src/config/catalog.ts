import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import type { DeadlineSeconds } from "../domain/action-deadlines.ts";
import type { Catalog, Region } from "../domain/catalog.ts";
import { addressToNumber } from "../domain/ipv4.ts";
import type { QuotaLimits } from "../domain/quotas.ts";
import type { RateLimits } from "../domain/rate-limits.ts";
import type { AddressRange } from "./address-ranges.ts";
import { type CatalogFile, catalogSchema } from "./catalog-schema.ts";
import { toRateLimits } from "./limits-schema.ts";
import { SettingError } from "./setting-error.ts";

/** How the worker reaches a region. The API never sees it. */
export interface RegionInfrastructure {
  region: string;
  endpoint: string;
  tls: { clientCertificateFile: string; clientKeyFile: string; serverFingerprint: string } | null;
  project: string;
  network: string;
  storagePool: string;
  gateway: string;
  prefixLength: number;
  nameservers: string[];
}

export interface CatalogConfig {
  infrastructure: "incus" | "sandbox";
  catalog: Catalog;
  addressRanges: Record<string, AddressRange[]>;
  infrastructures: RegionInfrastructure[];
  rateLimits: RateLimits;
  quotas: QuotaLimits;
  /** How long each type of action may take. */
  deadlineSeconds: DeadlineSeconds;
}

/** Reads and checks cloudnexus.yaml; paths in it are relative to its folder. */
export function readCatalog(file: string): CatalogConfig {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    throw new SettingError("CLOUDNEXUS_CONFIG", `cannot read ${file}; copy cloudnexus.example.yaml there and adapt it`);
  }
  const parsed = catalogSchema.safeParse(parseYaml(text, file));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new SettingError(`${file}: ${issue?.path.join(".") || "the file"}`, issue?.message ?? "is not valid");
  }
  refuseOverlaps(parsed.data, file);
  return fromFile(parsed.data, dirname(resolve(file)));
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new SettingError(file, `is not valid YAML: ${String(error).split("\n")[0] ?? ""}`);
  }
}

/** Two regions on one network must not hand out the same address, and the gateway is nobody's. */
function refuseOverlaps(file: CatalogFile, path: string): void {
  const taken: (AddressRange & { region: string; network: string })[] = [];
  for (const [name, region] of Object.entries(file.regions)) {
    const gateway = addressToNumber(region.gateway) ?? -1;
    const network = `${region.endpoint} ${region.network}`;
    for (const range of region.addresses) {
      if (range.first <= gateway && gateway <= range.last) {
        throw new SettingError(`${path}: regions.${name}.addresses`, `contain the gateway ${region.gateway}`);
      }
      const clash = taken.find((t) => t.network === network && t.first <= range.last && range.first <= t.last);
      if (clash) throw new SettingError(`${path}: regions.${name}.addresses`, `overlap those of ${clash.region}`);
      taken.push({ ...range, region: name, network });
    }
  }
}

function fromFile(file: CatalogFile, folder: string): CatalogConfig {
  const regions = Object.entries(file.regions);
  return {
    infrastructure: file.infrastructure,
    catalog: {
      defaultImage: file.default_image,
      regions: Object.fromEntries(
        regions.map(([slug, region]): [string, Region] => [
          slug,
          {
            slug,
            name: region.name,
            host: region.host ?? hostOf(region.endpoint),
            images: region.images,
            defaultImage: region.default_image ?? file.default_image,
            capacity: region.capacity
              ? {
                  vcpus: region.capacity.vcpus,
                  memoryMib: region.capacity.memory_mib,
                  diskGib: region.capacity.disk_gib,
                }
              : null,
          },
        ]),
      ),
      plans: Object.fromEntries(
        Object.entries(file.plans).map(([slug, plan]) => [
          slug,
          {
            slug,
            vcpus: plan.vcpus,
            memoryMib: plan.memory_mib,
            diskGib: plan.disk_gib,
            kinds: plan.kinds,
            price: plan.price ?? null,
          },
        ]),
      ),
      images: Object.fromEntries(Object.entries(file.images).map(([slug, image]) => [slug, { slug, ...image }])),
    },
    addressRanges: Object.fromEntries(regions.map(([slug, region]) => [slug, region.addresses])),
    infrastructures: regions.map(([slug, region]) => ({
      region: slug,
      endpoint: region.endpoint,
      tls: region.tls
        ? {
            clientCertificateFile: resolve(folder, region.tls.client_certificate_file),
            clientKeyFile: resolve(folder, region.tls.client_key_file),
            serverFingerprint: region.tls.server_fingerprint.toLowerCase(),
          }
        : null,
      project: region.project,
      network: region.network,
      storagePool: region.storage_pool,
      gateway: region.gateway,
      prefixLength: region.prefix_length,
      nameservers: region.nameservers,
    })),
    rateLimits: toRateLimits(file.rate_limits),
    quotas: file.quotas,
    deadlineSeconds: file.deadline_seconds,
  };
}

/** What a host is called where the configuration gives it no name: regions that one daemon serves share it. */
function hostOf(endpoint: string): string {
  return endpoint.startsWith("unix:") ? "local" : new URL(endpoint).hostname.toLowerCase();
}
