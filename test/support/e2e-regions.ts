import { INCUS_SOCKET } from "../../scripts/platform/incus-daemon.ts";
import { type LocalRegion, STORAGE_POOL } from "../../scripts/platform/incus-region.ts";
import type { IncusRegionOptions } from "../../src/drivers/incus/driver.ts";

/** Regions of the end-to-end tests' own, on this machine's daemon: servers that somebody keeps in the quickstart's regions are out of their way. */
export const E2E_REGIONS: readonly [LocalRegion, LocalRegion] = [
  {
    slug: "us-east-1",
    name: "US East (test)",
    project: "cloudnexus-e2e-us-east-1",
    network: "cne2euseast1",
    gateway: "10.98.0.1",
    prefixLength: 24,
    firstAddress: "10.98.0.10",
    lastAddress: "10.98.0.199",
    dhcpRange: "10.98.0.251-10.98.0.254",
  },
  {
    slug: "eu-west-2",
    name: "EU West (test)",
    project: "cloudnexus-e2e-eu-west-2",
    network: "cne2eeuwest2",
    gateway: "10.99.0.1",
    prefixLength: 24,
    firstAddress: "10.99.0.10",
    lastAddress: "10.99.0.199",
    dhcpRange: "10.99.0.251-10.99.0.254",
  },
];

const [LOCAL] = E2E_REGIONS;

/** The first of them, as a driver is given it. */
export const E2E_DRIVER_REGION: IncusRegionOptions = {
  region: LOCAL.slug,
  endpoint: `unix://${INCUS_SOCKET}`,
  project: LOCAL.project,
  network: LOCAL.network,
  storagePool: STORAGE_POOL,
  gateway: LOCAL.gateway,
  prefixLength: LOCAL.prefixLength,
};
