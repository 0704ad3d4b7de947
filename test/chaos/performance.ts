import { expect } from "vitest";
import type { Answer } from "../support/api-client.ts";
import type { Auditor } from "../support/audits.ts";
import { ofOthers, type Slate, slate } from "../support/clean-slate.ts";
import { spawnWorker, type TestProcess } from "../support/processes.ts";
import type { World } from "../support/world.ts";
import type { Move, Script } from "./script.ts";

/** A request may come at a bad moment; what was accepted may not get lost. */
const ANSWERS = [200, 201, 202, 400, 404, 409, 503];
/** A worker's death is noticed after seconds, and some steps are begun anew a few times. */
const END_MS = 240_000;

interface Made {
  path: "/v1/servers" | "/v1/databases";
  id: string;
  latestAction: string;
}

/** A world in which scripts are performed, one after another. */
export class Stage {
  private readonly world: World;
  private readonly auditor: Auditor;
  private worker: TestProcess | null = null;
  private made = new Map<number, Made>();
  private faultsMet = 0;
  private kills = 0;

  constructor(world: World, auditor: Auditor) {
    this.world = world;
    this.auditor = auditor;
  }

  /** Performs the script, and has the auditor judge: everything accepted has ended, nothing differs but what an action names as left behind, what failed has nothing once that is mended, and once all is deleted nothing is left. */
  async perform(script: Script): Promise<void> {
    this.made = new Map();
    await this.world.simulator.clearFaults();
    await this.revive();
    const before: Slate = await slate(this.world);
    for (const move of script.moves) await this.take(move, script.seed);
    this.faultsMet += await this.world.simulator.faultHits();
    await this.world.simulator.clearFaults();
    await this.revive();
    await this.everythingEnds();
    await this.deleteWhatFailedToBeDeleted();
    await this.leftoversAreMended();
    await this.onlyTheLivingHaveAnything();
    await this.deleteAll();
    expect(await slate(this.world)).toEqual(before);
    expect((await this.auditor.audit()).differences).toEqual([]);
  }

  /** What has happened here so far: actions by their end, undos that failed, faults that were met, and workers that were killed. */
  async happenings(): Promise<Record<string, number>> {
    const ends = await this.world.sql<{ status: string; count: string }>(
      "SELECT status, count(*) FROM actions GROUP BY status",
    );
    const actions = Object.fromEntries(ends.map(({ status, count }) => [status, Number(count)]));
    const left = await this.world.sql<{ undo: string; count: string }>(
      `SELECT jsonb_array_elements_text(error->'leftovers') AS undo, count(*) FROM actions
       WHERE jsonb_array_length(error->'leftovers') > 0 GROUP BY 1`,
    );
    const leftovers = Object.fromEntries(left.map(({ undo, count }) => [`left ${undo}`, Number(count)]));
    return { ...actions, ...leftovers, faults: this.faultsMet, kills: this.kills };
  }

  async close(): Promise<void> {
    await this.worker?.kill("SIGKILL");
  }

  private async take(move: Move, seed: number): Promise<void> {
    switch (move.kind) {
      case "create":
        return this.create(move, `chaos-${seed}-${move.number}`);
      case "act":
        return this.ask(move.number, "POST", "/actions", bodyOf(move.type));
      case "delete":
        return this.ask(move.number, "DELETE", "");
      case "cancel": {
        const made = this.made.get(move.number);
        if (made) checked(await this.world.api.call("POST", `/v1/actions/${made.latestAction}/cancel`));
        return;
      }
      case "await": {
        const made = this.made.get(move.number);
        if (made) await this.world.api.actionEnd(made.latestAction, END_MS);
        return;
      }
      case "fault":
        await this.world.simulator.addFault(move.rule);
        return;
      case "kill":
        await this.worker?.kill("SIGKILL");
        this.worker = null;
        this.kills += 1;
        return;
      case "revive":
        return this.revive();
    }
  }

  private async create({ resource, number, region }: Move & { kind: "create" }, name: string): Promise<void> {
    const { api } = this.world;
    const answer = checked(
      await (resource === "server" ? api.createServer : api.createDatabase).call(api, name, { region }),
    );
    if (answer.status !== 201) return;
    const { id, action_id: latestAction } = answer.body.data;
    this.made.set(number, { path: resource === "server" ? "/v1/servers" : "/v1/databases", id, latestAction });
  }

  /** Of something that was made; what it answers with is an action. */
  private async ask(number: number, method: "POST" | "DELETE", what: string, body?: object): Promise<void> {
    const made = this.made.get(number);
    if (!made) return;
    const answer = checked(await this.world.api.call(method, `${made.path}/${made.id}${what}`, body));
    if (answer.status === 202) made.latestAction = answer.body.data.id;
  }

  private async revive(): Promise<void> {
    this.worker ??= await spawnWorker(this.world);
  }

  private async everythingEnds(): Promise<void> {
    const running = await this.world.sql<{ id: string }>("SELECT id FROM actions WHERE status = 'running'");
    for (const { id } of running) await this.world.api.actionEnd(id, END_MS);
  }

  /** A delete that failed for good says so, and is to be asked for once more. */
  private async deleteWhatFailedToBeDeleted(): Promise<void> {
    for (const made of this.made.values()) {
      const { status, body } = await this.world.api.get(`${made.path}/${made.id}`);
      if (status === 200 && body.data.status === "deleting") await this.remove(made);
    }
  }

  /** An undo that failed for good is named on its action: that, and nothing else, is for the auditor to mend. */
  private async leftoversAreMended(): Promise<void> {
    const named = await this.world.sql<{ id: string }>(
      "SELECT resource_id AS id FROM actions WHERE jsonb_array_length(error->'leftovers') > 0",
    );
    const subjects = new Set(named.map(({ id }) => id));
    const { differences } = await this.auditor.audit();
    expect(differences.filter(({ subject }) => !subjects.has(subject))).toEqual([]);
    if (differences.length === 0) return;
    await this.world.sql("UPDATE audit_sightings SET first_seen_at = now() - interval '8 days'");
    await this.auditor.audit({ repair: true, reason: "left behind" });
    expect((await this.auditor.audit()).differences).toEqual([]);
  }

  /** The same without the auditor, which sees only what it was taught to: a delete would take away what it missed. */
  private async onlyTheLivingHaveAnything(): Promise<void> {
    const living = await this.world.sql<{ id: string }>(
      `SELECT id FROM (SELECT id, status, deleted_at FROM servers UNION ALL SELECT id, status, deleted_at FROM databases) AS resources
       WHERE deleted_at IS NULL AND status IN ('active', 'suspended')`,
    );
    const ids = living.map(({ id }) => id);
    expect(ofOthers(await slate(this.world), ids)).toEqual([]);
  }

  private async deleteAll(): Promise<void> {
    for (const made of this.made.values()) {
      if ((await this.world.api.get(`${made.path}/${made.id}`)).status === 200) await this.remove(made);
    }
  }

  private async remove({ path, id }: Made): Promise<void> {
    const answer = await this.world.api.call("DELETE", `${path}/${id}`);
    expect(answer.status).toBe(202);
    expect(await this.world.api.actionEnd(answer.body.data.id, END_MS)).toMatchObject({ status: "succeeded" });
  }
}

function bodyOf(type: string): object {
  return type === "resize" ? { type, plan: "pro" } : { type };
}

function checked(answer: Answer): Answer {
  expect(ANSWERS, JSON.stringify(answer.body)).toContain(answer.status);
  return answer;
}
