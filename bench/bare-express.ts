import { freePort, isListening } from "../scripts/platform/ports.ts";
import type { Target } from "./http-load.ts";
import { startNode } from "./installation.ts";
import type { Platform } from "./platform.ts";

/** An Express that says hello, in a process of its own, with the priority that our API has. It ends with the benchmark. */
export async function startBareExpress(platform: Platform): Promise<Target> {
  const port = await freePort();
  await startNode(platform, {
    title: "the bare Express",
    file: "bench/hello-server.ts",
    args: [String(port)],
    isReady: () => isListening(port),
    priority: "above normal",
  });
  return { url: `http://127.0.0.1:${port}/`, headers: {} };
}
