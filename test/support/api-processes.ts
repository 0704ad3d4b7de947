import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { freePort } from "../../scripts/platform/ports.ts";
import { ApiClient } from "./api-client.ts";
import { spawnProcess, type TestProcess } from "./processes.ts";
import { API_KEY, type World } from "./world.ts";

/** An API process of a world, as `npm run api` starts it: it can be killed, and started again where it was. */
export class ApiProcess {
  readonly client: ApiClient;
  private readonly port: number;
  private readonly environment: Record<string, string>;
  private process: TestProcess | null = null;

  private constructor(port: number, environment: Record<string, string>) {
    this.port = port;
    this.environment = { ...environment, PORT: String(port), LOG_LEVEL: "info" };
    this.client = this.as(API_KEY);
  }

  /** `change`: what its cloudnexus.yaml has that the world's has not. */
  static async start(world: World, change: object = {}): Promise<ApiProcess> {
    const port = await freePort();
    const file = join(world.config.dataDir, `cloudnexus-${port}.yaml`);
    const catalog = parse(readFileSync(world.environment["CLOUDNEXUS_CONFIG"] ?? "", "utf8")) as object;
    writeFileSync(file, stringify({ ...catalog, ...change }));
    const settings = { CLOUDNEXUS_CONFIG: file, CLOUDNEXUS_RATE_LIMITS: "postgresql" };
    const api = new ApiProcess(port, { ...world.environment, ...settings });
    await api.start();
    return api;
  }

  async start(): Promise<void> {
    this.process = await spawnProcess("src/server.ts", "api ready", this.environment);
  }

  async kill(): Promise<void> {
    await this.process?.kill("SIGKILL");
  }

  as(token: string): ApiClient {
    return new ApiClient(`http://127.0.0.1:${this.port}`, token);
  }
}
