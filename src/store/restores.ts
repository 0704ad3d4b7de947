import type { Db } from "./connection.ts";

/** The rows are as they were at `takenAt`, and have been written again since `restoredAt`. */
export interface Restore {
  takenAt: Date;
  restoredAt: Date;
}

/** When the rows were restored from a backup. `npm run restore` writes it. */
export class RestoreRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async list(): Promise<Restore[]> {
    return this.db.restore.findMany({ orderBy: { restoredAt: "asc" } });
  }
}
