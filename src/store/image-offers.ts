import type { Db } from "./connection.ts";

/** The server images that the regions have. */
export class ImageOfferRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** Image slugs by region. */
  async byRegion(): Promise<Map<string, Set<string>>> {
    const offered = new Map<string, Set<string>>();
    for (const { region, image } of await this.db.serverImageOffer.findMany()) {
      offered.set(region, (offered.get(region) ?? new Set()).add(image));
    }
    return offered;
  }

  /** Run in a transaction: a reader sees the region's offers before or after, never none between. */
  async replace(region: string, images: string[]): Promise<void> {
    await this.db.serverImageOffer.deleteMany({ where: { region } });
    await this.db.serverImageOffer.createMany({
      data: images.map((image) => ({ region, image })),
      skipDuplicates: true,
    });
  }
}
