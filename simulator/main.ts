/**
 * A stand-in for an Incus server: the part of its REST API that CloudNexus uses, on a unix socket, with durable state and faults by rule.
 *
 *   node --import tsx simulator/main.ts --socket PATH [--listen 127.0.0.1:PORT] --state FILE [--control] [--speed sandbox|instant]
 *     [--project NAME ...] [--network NAME=CIDR ...] [--pool NAME ...] [--image ALIAS ...] [--engine-images]
 *     [--wait-style error|operation]
 *
 * --engine-images: an image of every database engine, with the properties of the real ones. What is written to
 * /var/lib/cloudnexus/requests/ID.json in a running instance of one is taken by a stand-in of the agent (agent.ts), and its outcome is found in
 * /var/lib/cloudnexus/results/ID.json.
 *
 * Prints `simulator ready` when it listens. SIGTERM and SIGINT end it cleanly.
 *
 * Answers and messages are those of Incus 6.0.4. Known differences: no events, no exec, no profiles but an empty `default`; guests have no files but those that were written, and folders only where
 * CloudNexus writes; guests always obey a
 * graceful stop; a PUT may leave out volatile keys; an instance whose making was cut short by a kill of the server is gone (Incus leaves its record).
 */
import type { Server } from "node:http";
import { parseArgs } from "node:util";
import { Agent } from "./agent.ts";
import { Control } from "./control.ts";
import { Faults } from "./faults.ts";
import { fileRoutes } from "./guest-files.ts";
import { createHttpServer } from "./http.ts";
import { imageRoutes } from "./images.ts";
import { InstanceLifecycle } from "./instance-lifecycle.ts";
import { InstanceRoutes } from "./instances.ts";
import { claimSocketPath, closeServer, listenOnAddress, listenOnSocket } from "./listeners.ts";
import { aclRoutes } from "./network-acls.ts";
import { networkRoutes } from "./networks.ts";
import { Operations } from "./operations.ts";
import { projectRoutes } from "./projects.ts";
import { RequestLog } from "./request-log.ts";
import { Router } from "./router.ts";
import { plantSeeds } from "./seeds.ts";
import { serverRoutes } from "./server-info.ts";
import { speeds } from "./speed.ts";
import { State } from "./state.ts";
import { storageRoutes } from "./storage.ts";

main().catch((error: unknown) => {
  process.stderr.write(`simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  const values = parseOptions();
  // Before the state: a second simulator must not touch the file of a living one.
  await claimSocketPath(values.socket);
  const state = new State(values.state);
  plantSeeds(state, {
    projects: values.project,
    networks: values.network,
    pools: values.pool,
    images: values.image,
    engineImages: values["engine-images"],
  });

  const faults = new Faults();
  const log = new RequestLog();
  const operations = new Operations(values.waitStyle);
  const agent = new Agent(state, values.speed, faults);
  const lifecycle = new InstanceLifecycle(state, values.speed, (key) => agent.wake(key));
  const router = new Router([
    ...serverRoutes(state),
    ...projectRoutes(state),
    ...networkRoutes(state),
    ...aclRoutes(state),
    ...storageRoutes(state),
    ...imageRoutes(state),
    ...new InstanceRoutes(state, operations, lifecycle).routes(),
    ...fileRoutes(state, agent),
    ...operations.routes(),
  ]);
  const control = new Control(state, lifecycle, faults, log, values.control);
  const parts = { router, faults, log, control };

  agent.wakeAll();

  const servers: Server[] = [];
  if (values.listen !== undefined) {
    const server = createHttpServer(parts);
    await listenOnAddress(server, values.listen);
    servers.push(server);
  }
  // The socket last: a start that fails leaves none behind.
  const socketServer = createHttpServer(parts);
  await listenOnSocket(socketServer, values.socket);
  servers.push(socketServer);

  const stop = async (): Promise<void> => {
    await Promise.all(servers.map(closeServer));
    state.close();
    process.exit(0);
  };
  process.once("SIGTERM", () => void stop());
  process.once("SIGINT", () => void stop());
  process.stdout.write("simulator ready\n");
}

function parseOptions() {
  const { values } = parseArgs({
    options: {
      socket: { type: "string" },
      listen: { type: "string" },
      state: { type: "string" },
      control: { type: "boolean", default: false },
      speed: { type: "string", default: "sandbox" },
      "wait-style": { type: "string", default: "error" },
      project: { type: "string", multiple: true, default: [] },
      network: { type: "string", multiple: true, default: [] },
      pool: { type: "string", multiple: true, default: [] },
      image: { type: "string", multiple: true, default: [] },
      "engine-images": { type: "boolean", default: false },
    },
  });
  const { socket, state } = values;
  const speed = speeds[values.speed];
  const waitStyle = values["wait-style"];
  if (socket === undefined) throw new Error("--socket PATH is missing");
  if (state === undefined) throw new Error("--state FILE is missing");
  if (speed === undefined)
    throw new Error(`--speed ${values.speed} is unknown: use ${Object.keys(speeds).join(" or ")}`);
  if (waitStyle !== "error" && waitStyle !== "operation")
    throw new Error(`--wait-style ${waitStyle} is unknown: use error or operation`);
  return { ...values, socket, state, speed, waitStyle } as const;
}
