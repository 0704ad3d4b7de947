import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureConfig, LOCAL_INCUS_CONFIG, SANDBOX_CONFIG } from "../../scripts/platform/generated-config.ts";
import { LOCAL_REGIONS } from "../../scripts/platform/incus-region.ts";
import { readCatalog } from "../../src/config/catalog.ts";

describe("the generated config", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cn-config-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is one that the processes accept, with the regions that are prepared on this machine", async () => {
    const file = await ensureConfig(join(folder, "new/cloudnexus.yaml"), LOCAL_INCUS_CONFIG);
    const { infrastructure, catalog, infrastructures } = readCatalog(file);
    expect(infrastructure).toBe("incus");
    expect(catalog.defaultImage).toBe("debian-12");
    expect(
      infrastructures.map(({ region, project, network, gateway }) => ({ region, project, network, gateway })),
    ).toEqual(
      LOCAL_REGIONS.map(({ slug, project, network, gateway }) => ({ region: slug, project, network, gateway })),
    );
  });

  it("offers in the sandbox every image of the published catalogue, with the published default", async () => {
    const { infrastructure, catalog } = readCatalog(
      await ensureConfig(join(folder, "cloudnexus.yaml"), SANDBOX_CONFIG),
    );
    expect(infrastructure).toBe("sandbox");
    expect(catalog.defaultImage).toBe("ubuntu-22.04");
    expect(Object.keys(catalog.images)).toEqual(["ubuntu-22.04", "debian-12"]);
  });

  it("leaves a file that is there as it is", async () => {
    const file = join(folder, "cloudnexus.yaml");
    writeFileSync(file, "mine: true\n");
    await ensureConfig(file, LOCAL_INCUS_CONFIG);
    expect(readFileSync(file, "utf8")).toBe("mine: true\n");
  });

  it("keeps the addresses that are handed out apart from those that Incus leases by itself", () => {
    const last = (address: string) => Number(address.split(".")[3]);
    for (const region of LOCAL_REGIONS) {
      const [firstLeased = ""] = region.dhcpRange.split("-");
      expect(last(firstLeased)).toBeGreaterThan(last(region.lastAddress));
    }
  });
});
