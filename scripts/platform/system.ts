import { existsSync, readFileSync } from "node:fs";

export interface System {
  /** `debian`, `ubuntu` … */
  id: string;
  /** NaN where the release has none (Debian's testing and unstable). */
  version: number;
  /** For messages. */
  title: string;
}

/** Which Linux this is, from /etc/os-release. */
export function readSystem(file = "/etc/os-release"): System {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(text)?.[1];
  return {
    id: field("ID") ?? "unknown",
    version: Number.parseFloat(field("VERSION_ID") ?? ""),
    title: field("PRETTY_NAME") ?? "this system",
  };
}
