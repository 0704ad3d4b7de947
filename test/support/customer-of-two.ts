import type { Answer, Data } from "./api-client.ts";
import type { ApiProcess } from "./api-processes.ts";
import { waitUntil } from "./wait.ts";

/** Creates that a customer has under way at most: APIs accept faster than workers build. */
const UNDER_WAY = 3;

/**
 * A customer whose program knows two API processes: each create goes to one of them, is repeated at the other with its Idempotency-Key, and every third
 * server is deleted at once, by the other one. A request that gets no answer is sent again to the other one, with its key.
 */
export class CustomerOfTwo {
  /** Ids by names, of what was answered 201. */
  readonly created = new Map<string, string>();
  /** Ids of those whose delete was answered 202. */
  readonly deleted = new Set<string>();
  /** Repeats that the other process answered. */
  repeats = 0;
  /** Requests that got no answer. */
  lost = 0;
  /** Ids of those whose create is under way, as far as it has looked. */
  private readonly building = new Set<string>();
  /** Requests under way, by process. */
  readonly underWay: [number, number] = [0, 0];
  private readonly apis: [ApiProcess, ApiProcess];
  private readonly name: string;

  constructor(apis: [ApiProcess, ApiProcess], name: string) {
    this.apis = apis;
    this.name = name;
  }

  async runUntil(isEnough: () => boolean): Promise<void> {
    for (let count = 1; !isEnough(); count++) {
      const first = count % 2 === 0 ? 0 : 1;
      const name = `${this.name}-${count}`;
      await this.roomForAnother();
      const id = await this.create(name, first);
      if (count % 3 === 0) await this.delete(id, 1 - first);
    }
  }

  private async create(name: string, first: number): Promise<string> {
    const body = { name, plan: "starter", region: "us-east-1" };
    const answer = await this.patiently(first, "POST", "/v1/servers", name, body);
    if (answer.status !== 201) throw new Error(`${name} was answered ${JSON.stringify(answer.body)}`);
    const { id } = answer.body.data;
    this.created.set(name, id);
    this.building.add(id);
    const again = await this.once(1 - first, "POST", "/v1/servers", name, body);
    if (again) {
      if (again.status !== 201 || again.body.data.id !== id) {
        throw new Error(`the repeat of ${name} (${id}) was answered ${JSON.stringify(again.body)}`);
      }
      this.repeats++;
    }
    return id;
  }

  /** Waits until few enough of its creates are under way. */
  private async roomForAnother(): Promise<void> {
    await waitUntil(`${this.name} has fewer creates under way`, async () => {
      if (this.building.size < UNDER_WAY) return true;
      const creating = await this.creating();
      for (const id of this.building) if (creating && !creating.has(id)) this.building.delete(id);
      return this.building.size < UNDER_WAY;
    });
  }

  /** Null where no API answers. */
  private async creating(): Promise<Set<string> | null> {
    for (const { client } of this.apis) {
      const answer = await client.get("/v1/servers?status=provisioning&per_page=100").catch(nullIfLost);
      if (answer?.status === 200) return new Set((answer.body.data as unknown as Data[]).map(({ id }) => id));
    }
    return null;
  }

  private async delete(id: string, first: number): Promise<void> {
    const answer = await this.patiently(first, "DELETE", `/v1/servers/${id}`, `delete-${id}`);
    if (answer.status !== 202) throw new Error(`the delete of ${id} was answered ${JSON.stringify(answer.body)}`);
    this.deleted.add(id);
  }

  /** Until one of both answers. */
  private async patiently(first: number, method: string, path: string, key: string, body?: object): Promise<Answer> {
    for (let turn = first; ; turn = 1 - turn) {
      const answer = await this.once(turn, method, path, key, body);
      // What came too early is asked again, with the same key.
      const isTooEarly = answer?.status === 409 && answer.body.error.code === "request_in_progress";
      if (answer && answer.status !== 503 && !isTooEarly) return answer;
    }
  }

  /** Null without an answer. */
  private async once(at: number, method: string, path: string, key: string, body?: object): Promise<Answer | null> {
    const [index, api] = at === 0 ? ([0, this.apis[0]] as const) : ([1, this.apis[1]] as const);
    this.underWay[index]++;
    try {
      return await api.client.call(method, path, body, { "Idempotency-Key": key });
    } catch (error) {
      this.lost++;
      return nullIfLost(error);
    } finally {
      this.underWay[index]--;
    }
  }
}

function nullIfLost(error: unknown): null {
  // Only `fetch` says so: the connection was refused or cut off.
  if (!(error instanceof TypeError)) throw error;
  return null;
}
