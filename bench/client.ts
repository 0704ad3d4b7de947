import { Pool } from "undici";

export interface CreatedServer {
  id: string;
  ipv4: string | null;
  action_id: string;
}

export interface CreatedDatabase {
  id: string;
  action_id: string;
}

/** What a client logs in with. */
export interface Credentials {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string | null;
  ca_certificate: string;
}

export interface ActionState {
  status: string;
  steps: { name: string; started_at: string | null; ended_at: string | null }[];
  error: { code: string; message: string } | null;
}

export class RefusedError extends Error {
  readonly status: number;

  constructor(call: string, status: number, message: string) {
    super(`${call}: ${status} ${message}`);
    this.status = status;
  }
}

/** Long enough for a boot on a busy machine. */
const ACTION_TIMEOUT_MS = 180_000;

/** The API as a customer's program calls it, over connections that stay open. */
export class CloudNexusClient {
  readonly address: string;
  readonly headers: Record<string, string>;
  private readonly pool: Pool;

  constructor(address: string, apiKey: string) {
    this.address = address;
    this.headers = { authorization: `Bearer ${apiKey}` };
    this.pool = new Pool(address, { connections: 512 });
  }

  async createServer(name: string, sshKeyIds: string[] = []): Promise<CreatedServer> {
    const body = { name, plan: "starter", region: "us-east-1", ssh_keys: sshKeyIds };
    return (await this.call("POST", "/v1/servers", body)) as CreatedServer;
  }

  async createSshKey(name: string, publicKey: string): Promise<string> {
    const key = await this.call("POST", "/v1/ssh_keys", { name, public_key: publicKey });
    return (key as { id: string }).id;
  }

  async createDatabase(name: string, engine: string, version: string): Promise<CreatedDatabase> {
    const body = { name, engine, version, plan: "standard", region: "us-east-1" };
    return (await this.call("POST", "/v1/databases", body)) as CreatedDatabase;
  }

  /** Of the newest hundred, which is more than a benchmark makes. */
  async listDatabases(): Promise<{ id: string }[]> {
    return (await this.call("GET", "/v1/databases?per_page=100")) as { id: string }[];
  }

  async credentials(databaseId: string): Promise<Credentials> {
    return (await this.call("GET", `/v1/databases/${databaseId}/credentials`)) as Credentials;
  }

  /** How many engines and versions the regions offer. */
  async offeredEngines(): Promise<number> {
    return ((await this.call("GET", "/v1/database_engines")) as unknown[]).length;
  }

  /** Waits until the server is gone. */
  async deleteServer(id: string): Promise<void> {
    await this.delete(`/v1/servers/${id}`);
  }

  /** Waits until the database is gone. */
  async deleteDatabase(id: string): Promise<void> {
    await this.delete(`/v1/databases/${id}`);
  }

  /** Waits until the action has succeeded. */
  async actionEnd(id: string): Promise<ActionState> {
    const deadline = Date.now() + ACTION_TIMEOUT_MS;
    for (;;) {
      const action = (await this.call("GET", `/v1/actions/${id}?wait=30`)) as ActionState;
      if (action.status === "succeeded") return action;
      if (action.status !== "running") throw new Error(`action ${id} ${action.status}: ${action.error?.message ?? ""}`);
      if (Date.now() > deadline) throw new Error(`action ${id} is still running: ${JSON.stringify(action.steps)}`);
    }
  }

  /** Whether API, database, Temporal and worker are there. */
  async isReady(): Promise<boolean> {
    try {
      await this.call("GET", "/readyz");
      return true;
    } catch {
      return false;
    }
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }

  private async delete(path: string): Promise<void> {
    const action = (await this.call("DELETE", path)) as { id: string };
    await this.actionEnd(action.id);
  }

  private async call(method: "GET" | "POST" | "DELETE", path: string, body?: object): Promise<unknown> {
    const answer = await this.pool.request({
      method,
      path,
      headers: { ...this.headers, ...(body ? { "content-type": "application/json" } : {}) },
      body: body ? JSON.stringify(body) : null,
    });
    const { data, error } = (await answer.body.json()) as { data?: unknown; error?: { message: string } };
    if (answer.statusCode >= 400) throw new RefusedError(`${method} ${path}`, answer.statusCode, error?.message ?? "");
    return data;
  }
}
