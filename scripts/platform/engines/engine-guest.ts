import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { STORAGE_POOL } from "../incus-region.ts";
import { run, tryRun } from "../run.ts";

export interface EngineGuestOptions {
  /** Of the instance; its volume is `<name>-data`. */
  name: string;
  /** Fingerprint or alias. */
  image: string;
  project: string;
  network: string;
  gateway: string;
  prefixLength: number;
  address: string;
  memoryMib: number;
  vcpus: number;
  /** Of root disk and volume; without it they are as large as the pool. */
  disks?: { rootGib: number; volumeGib: number };
}

const resultSchema = z.object({
  status: z.enum(["running", "succeeded", "failed"]),
  step: z.string().nullable(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type AgentResult = z.infer<typeof resultSchema>;

const STATE_FOLDER = "/var/lib/cloudnexus";
const POLL_EVERY_MS = 50;

/** An instance of an engine image with a data volume, made by Incus' own command: for smoke tests and end-to-end tests. */
export class EngineGuest {
  readonly #options: EngineGuestOptions;

  constructor(options: EngineGuestOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.address;
  }

  /** Makes the guest, after whatever bears its name is gone. */
  async create(): Promise<void> {
    await this.remove();
    await this.make();
  }

  /** Makes volume and instance, stopped, with its network written. */
  async make(): Promise<void> {
    const { name, image, network, address, memoryMib, vcpus, disks } = this.#options;
    const volumeSize = disks ? [`size=${disks.volumeGib}GiB`] : [];
    const rootSize = disks ? ["--device", `root,size=${disks.rootGib}GiB`] : [];
    await this.#incus("storage", "volume", "create", STORAGE_POOL, this.#volume, ...volumeSize);
    await this.#incus(
      ...["init", image, name, "--storage", STORAGE_POOL],
      ...["--config", `limits.memory=${memoryMib}MiB`, "--config", `limits.cpu=${vcpus}`],
      ...["--device", `root,type=disk`, "--device", "root,path=/", "--device", `root,pool=${STORAGE_POOL}`],
      ...rootSize,
    );
    await this.#incus(
      ...["config", "device", "add", name, "eth0", "nic", `network=${network}`, `ipv4.address=${address}`],
      `hwaddr=${hardwareAddress(address)}`,
    );
    await this.#incus(
      ...["config", "device", "add", name, "data", "disk"],
      ...[`pool=${STORAGE_POOL}`, `source=${this.#volume}`, "path=/data"],
    );
    const { gateway, prefixLength } = this.#options;
    const lines = ["[Match]", "Name=eth0", "[Network]", `Address=${address}/${prefixLength}`, `Gateway=${gateway}`];
    await this.writeFile("/etc/systemd/network/10-eth0.network", `${lines.join("\n")}\n`, "0644");
    await this.writeFile("/etc/hostname", `${name}\n`, "0644");
  }

  async start(): Promise<void> {
    await this.#incus("start", this.#options.name);
  }

  /** From outside, as an operator would; `isForced` is the power plug. */
  async restart(isForced = false): Promise<void> {
    await this.#incus("restart", this.#options.name, ...(isForced ? ["--force"] : []));
  }

  async remove(): Promise<void> {
    const project = ["--project", this.#options.project];
    const options = { isCleanUp: true };
    await tryRun("incus", ["delete", "--force", this.#options.name, ...project], options);
    await tryRun("incus", ["storage", "volume", "delete", STORAGE_POOL, this.#volume, ...project], options);
  }

  async writeFile(path: string, content: string, mode = "0600"): Promise<void> {
    const target = `${this.#options.name}${path}`;
    const flags = ["--uid", "0", "--gid", "0", "--mode", mode, "--project", this.#options.project];
    await run("incus", ["file", "push", ...flags, "-", target], { input: content });
  }

  async readFile(path: string): Promise<string | undefined> {
    return await tryRun("incus", [
      ...["file", "pull", `${this.#options.name}${path}`, "-", "--project", this.#options.project],
    ]);
  }

  async execute(...command: string[]): Promise<string> {
    return await this.#incus("exec", this.#options.name, "--", ...command);
  }

  async writeRequest(id: string, request: object): Promise<void> {
    await this.writeFile(`${STATE_FOLDER}/requests/${id}.json`, JSON.stringify(request));
  }

  async readResult(id: string): Promise<AgentResult | undefined> {
    const content = await this.readFile(`${STATE_FOLDER}/results/${id}.json`);
    return content === undefined ? undefined : resultSchema.parse(JSON.parse(content));
  }

  /** The request's end, however it ended. */
  async waitForResult(id: string, timeoutMs = 60_000): Promise<AgentResult> {
    const deadlineMs = Date.now() + timeoutMs;
    let last: AgentResult | undefined;
    while (Date.now() < deadlineMs) {
      last = await this.readResult(id);
      if (last !== undefined && last.status !== "running") return last;
      await delay(POLL_EVERY_MS);
    }
    const journal = await this.execute("journalctl", "--no-pager", "--lines=40", "--output=cat").catch(String);
    throw new Error(`${id} has no end after ${timeoutMs / 1000} s, step ${last?.step ?? "none"}:\n${journal}`);
  }

  /** A request and its end. */
  async request(id: string, request: object, timeoutMs?: number): Promise<AgentResult> {
    await this.writeRequest(id, request);
    return await this.waitForResult(id, timeoutMs);
  }

  get #volume(): string {
    return `${this.#options.name}-data`;
  }

  async #incus(...args: string[]): Promise<string> {
    const [verb = "", ...rest] = args;
    const split = rest.indexOf("--");
    const at = split === -1 ? rest.length : split;
    return await run("incus", [verb, ...rest.slice(0, at), "--project", this.#options.project, ...rest.slice(at)]);
  }
}

/** From the address, so that the host's memory of an earlier card at this address is right. */
function hardwareAddress(address: string): string {
  return ["02", "cc", ...address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"))].join(":");
}
