import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ENGINE_ENDPOINTS } from "../../../src/domain/database.ts";
import { makeServerTls } from "../engines/certificates.ts";
import { refusalOf } from "../engines/connect.ts";
import { EngineGuest } from "../engines/engine-guest.ts";
import type { EngineTarget } from "../engines/engine-session.ts";
import { setupRequest } from "../engines/setup-request.ts";
import { LOCAL_REGIONS } from "../incus-region.ts";
import { run } from "../run.ts";
import type { EngineOfImage } from "./recipe.ts";

const MEMORY_MIB = 1024;

/**
 * A whole life in a throw-away instance: made, set up by the agent as a database is, used over TLS as its user, and closed to everything else. Answers
 * the version that really runs.
 */
export async function smokeTestEngine(
  name: string,
  engine: EngineOfImage,
  fingerprint: string,
  report: (detail: string) => void,
): Promise<{ version: string }> {
  const [region] = LOCAL_REGIONS;
  if (!region) throw new Error("there is no region to try an image in");
  const { network, gateway, prefixLength } = region;
  const address = await freeAddress(network, region.dhcpRange);
  const placement = { project: "default", network, gateway, prefixLength, address };
  const size = { memoryMib: MEMORY_MIB, vcpus: 1 };
  const guest = new EngineGuest({ name: `cloudnexus-image-check-${name}`, image: fingerprint, ...placement, ...size });
  try {
    const tls = await makeServerTls(address);
    const password = randomBytes(24).toString("base64url");
    const target: EngineTarget = {
      host: address,
      port: ENGINE_ENDPOINTS[engine.name].port,
      user: "app",
      password,
      database: ENGINE_ENDPOINTS[engine.name].database,
      ca: tls.ca,
    };
    report("make an instance");
    await guest.create();
    await guest.writeRequest("smoke-test", setupRequest(engine, target, tls, { gateway, prefixLength, ...size }));
    await guest.start();
    report("set up the engine");
    const result = await guest.waitForResult("smoke-test");
    if (result.status !== "succeeded") throw new Error(`set-up failed: ${result.code}, ${result.message}`);
    report("connect");
    await check(engine, target);
    return z.object({ version: z.string() }).parse(result.data);
  } finally {
    await guest.remove();
  }
}

/** In with the right password over TLS; out without it, with another, and in plain text. */
async function check(engine: EngineOfImage, target: EngineTarget): Promise<void> {
  const failure = await refusalOf(engine.name, target);
  if (failure) throw new Error(`the user can't get in: ${failure.message}`);
  const intruders: Record<string, EngineTarget> = {
    "a wrong password": { ...target, password: "not-the-password" },
    "no password": { ...target, password: null },
    "plain text": { ...target, ca: null },
  };
  for (const [description, intruder] of Object.entries(intruders)) {
    if (!(await refusalOf(engine.name, intruder))) throw new Error(`${description} was let in`);
  }
}

/** One of those that the control plane does not hand out, and nobody has leased. */
async function freeAddress(network: string, range: string): Promise<string> {
  const leases = z
    .array(z.object({ address: z.string() }))
    .parse(JSON.parse(await run("incus", ["network", "list-leases", network, "--format", "json"])));
  const [first = "", last = ""] = range.split("-");
  const prefix = first.replace(/\d+$/, "");
  for (let host = Number(last.split(".")[3]); host >= Number(first.split(".")[3]); host--) {
    const address = `${prefix}${host}`;
    if (!leases.some((lease) => lease.address === address)) return address;
  }
  throw new Error(`no address of ${range} is free to try the image with`);
}
