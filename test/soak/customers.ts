import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import { contractFetch } from "../support/contract/contract-fetch.ts";

/** How many there were, by what became of them. */
export type Outcomes = Record<string, number>;

/** Come again in a moment: too many requests, or too much to do. */
const PUT_OFF = new Set([429, 503]);
const AGAIN_MS = 1_000;

/** Customers who each make a server, wait for it, and delete it. */
export class Customers {
  readonly outcomes: Outcomes = {};
  /** How their creates ended. */
  readonly creates: Outcomes = {};
  /** That have come. */
  count = 0;
  private readonly address: string;
  private readonly headers: Record<string, string>;
  private readonly underWay = new Set<Promise<void>>();

  constructor(address: string, apiKey: string) {
    this.address = address;
    this.headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/json" };
  }

  /** One more; whoever is put off comes again. */
  come(): void {
    const life: Promise<void> = this.live(`soak-${++this.count}`).finally(() => this.underWay.delete(life));
    this.underWay.add(life);
  }

  async leave(): Promise<void> {
    await Promise.all(this.underWay);
  }

  private async live(name: string): Promise<void> {
    const region = this.count % 2 === 0 ? "us-east-1" : "eu-west-2";
    const created = await this.insist("POST", "/v1/servers", { name, plan: "starter", region });
    expect(created.status).toBe(201);
    const outcome = await this.endOf(created.data.action_id);
    this.note(`create ${outcome}`);
    this.creates[outcome] = (this.creates[outcome] ?? 0) + 1;
    for (;;) {
      const deleted = await this.insist("DELETE", `/v1/servers/${created.data.id}`);
      expect(deleted.status).toBe(202);
      const end = await this.endOf(deleted.data.id);
      this.note(`delete ${end}`);
      if (end === "succeeded") return;
    }
  }

  private async endOf(actionId: string): Promise<string> {
    for (;;) {
      const { data } = await this.insist("GET", `/v1/actions/${actionId}?wait=30`);
      if (data.status !== "running") return data.status;
    }
  }

  /** Whoever is put off comes again. */
  private async insist(method: string, path: string, body?: object) {
    for (;;) {
      const answer = await this.call(method, path, body);
      if (!PUT_OFF.has(answer.status)) return answer;
      this.note(`${method} put off with ${answer.status}`);
      await delay(AGAIN_MS);
    }
  }

  private note(outcome: string): void {
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }

  private async call(method: string, path: string, body?: object) {
    const response = await contractFetch(this.address + path, {
      method,
      headers: this.headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { data } = (await response.json()) as { data: { id: string; action_id: string; status: string } };
    return { status: response.status, data };
  }
}
