import type { Answer } from "./api-client.ts";
import { MortalWorker } from "./kill-matrix.ts";
import { Pool } from "./pool.ts";
import { DATABASE, SERVER, type Subject } from "./subjects.ts";
import { createWorld, type World } from "./world.ts";

export interface Member {
  world: World;
  worker: MortalWorker;
  /** How one of each kind is created in it. */
  accept: Record<Subject["kind"], (name: string) => Promise<Answer>>;
}

/** Worlds with a mortal worker each. A killed worker is noticed after seconds, so cells run side by side, one in a world at a time. */
export class MortalPool {
  private readonly members: Member[] = [];
  private readonly pool = new Pool<Member>();

  async open(size: number): Promise<void> {
    for (let index = 0; index < size; index++) {
      const world = await createWorld();
      const worker = new MortalWorker(world);
      await worker.start();
      const accept = { server: await SERVER.prepare(world), database: await DATABASE.prepare(world) };
      this.members.push({ world, worker, accept });
    }
    for (const member of this.members) this.pool.add(member);
  }

  use<T>(work: (member: Member) => Promise<T>): Promise<T> {
    return this.pool.use(work);
  }

  async close(): Promise<void> {
    for (const { worker, world } of this.members) {
      await worker.stop();
      await world.close();
    }
  }
}
