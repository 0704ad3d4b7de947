import type { DatabaseEngine } from "../domain/database.ts";
import type { EngineOffer } from "../domain/engine-versions.ts";
import type { Db } from "./connection.ts";

export interface RegionalEngineOffer extends EngineOffer {
  region: string;
}

/** The engine images that the regions have. */
export class EngineOfferRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async list(region?: string): Promise<RegionalEngineOffer[]> {
    const rows = await this.db.databaseEngineOffer.findMany({ ...(region === undefined ? {} : { where: { region } }) });
    return rows.map((row) => ({ ...row, engine: row.engine as DatabaseEngine }));
  }

  /** Run in a transaction: a reader sees the region's offers before or after, never none between. */
  async replace(region: string, offers: EngineOffer[]): Promise<void> {
    await this.db.databaseEngineOffer.deleteMany({ where: { region } });
    await this.db.databaseEngineOffer.createMany({
      data: offers.map((offer) => ({ region, ...offer })),
      skipDuplicates: true,
    });
  }
}
