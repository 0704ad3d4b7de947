import { startBareExpress } from "./bare-express.ts";
import { CONNECTIONS, type Load, load, type Target } from "./http-load.ts";
import { startInstallation } from "./installation.ts";
import type { Platform } from "./platform.ts";
import { type Measure, printMeasures } from "./report.ts";
import { median } from "./statistics.ts";

const ROUNDS = 5;
const ROUND_S = 4;
const WARM_UP_S = 3;
const SERVERS = 40;
const PAGE = 20;

/** (c) Reads through the API against a bare Express that says hello: a process each, the same connections, in turn. */
export async function benchReads(platform: Platform): Promise<void> {
  const { client, stopWorker } = await startInstallation(platform, {
    name: "reads",
    infrastructure: "sandbox",
    addresses: ["10.88.16.0-10.88.16.255"],
  });
  const servers = await Promise.all(
    Array.from({ length: SERVERS }, (_, index) => client.createServer(`bench-${index}`)),
  );
  for (const server of servers) await client.actionEnd(server.action_id);
  // Reads need no worker; its polling would only be noise.
  await stopWorker();

  const hello = await startBareExpress(platform);
  const byId: Target = { url: `${client.address}/v1/servers/${servers[0]?.id ?? ""}`, headers: client.headers };
  const list: Target = { url: `${client.address}/v1/servers?per_page=${PAGE}`, headers: client.headers };

  const targets = [hello, byId, list];
  const loads = new Map<Target, Load[]>(targets.map((target) => [target, []]));
  for (const target of targets) await load(target, WARM_UP_S);
  for (let round = 0; round < ROUNDS; round++) {
    for (const target of targets) loads.get(target)?.push(await load(target, ROUND_S));
  }
  const measures = (name: string, target: Target): Measure[] => {
    const of = (which: Target, pick: (load: Load) => number) => median((loads.get(which) ?? []).map(pick));
    return [
      {
        name: `${name}, requests a second`,
        unit: "1/s",
        baseline: of(hello, (load) => load.perSecond),
        value: of(target, (load) => load.perSecond),
        aim: { atLeast: 0.45 },
      },
      {
        name: `${name}, 99th percentile`,
        unit: "ms",
        baseline: of(hello, (load) => load.p99Ms),
        value: of(target, (load) => load.p99Ms),
      },
    ];
  };
  printMeasures(`(c) reads, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds: bare Express, the API`, [
    ...measures("GET /v1/servers/{id}", byId),
    ...measures(`GET /v1/servers (${PAGE} of ${SERVERS})`, list),
  ]);
}
