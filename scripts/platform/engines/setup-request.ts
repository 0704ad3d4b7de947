import type { EngineOfImage } from "../images/recipe.ts";
import type { ServerTls } from "./certificates.ts";
import type { EngineTarget } from "./engine-session.ts";

interface Place {
  gateway: string;
  prefixLength: number;
  memoryMib: number;
  vcpus: number;
}

/** What the agent in an engine's guest is asked for at first, for guests that are made by hand: this machine may connect, nobody else. */
export function setupRequest(
  engine: Pick<EngineOfImage, "name" | "major">,
  target: EngineTarget,
  tls: ServerTls,
  place: Place,
): object {
  return {
    kind: "setup",
    engine: engine.name,
    major: engine.major,
    address: target.host,
    prefix_length: place.prefixLength,
    port: target.port,
    memory_mib: place.memoryMib,
    vcpus: place.vcpus,
    tls,
    trusted_sources: [`${place.gateway}/32`],
    user: target.user,
    password: target.password,
    database: target.database,
  };
}
