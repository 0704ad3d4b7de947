import { createHash, createHmac } from "node:crypto";

interface Pepper {
  id: string;
  secret: Buffer;
}

/** What is stored of a token. */
export interface HashedToken {
  /** HMAC-SHA-256, hex. */
  tokenHash: string;
  pepperId: string;
}

/** Hashes the tokens of API keys under the installation's peppers. The newest, which is the first, is what is stored from now on; what the others made is still found. */
export class ApiTokenHasher {
  private readonly newest: Pepper;
  private readonly older: Pepper[];

  constructor(secrets: readonly Buffer[]) {
    const [newest, ...older] = secrets.map((secret) => ({ id: pepperId(secret), secret }));
    if (!newest) throw new Error("BUG: no pepper");
    this.newest = newest;
    this.older = older;
  }

  /** Under the newest pepper. */
  hash(token: string): HashedToken {
    return { tokenHash: hmac(token, this.newest), pepperId: this.newest.id };
  }

  /** Under every pepper: how a stored token is found. */
  everyHash(token: string): string[] {
    return [this.newest, ...this.older].map((pepper) => hmac(token, pepper));
  }

  get newestPepperId(): string {
    return this.newest.id;
  }
}

function hmac(token: string, { secret }: Pepper): string {
  return createHmac("sha256", secret).update(token).digest("hex");
}

/** Names a pepper without telling anything of it. */
function pepperId(secret: Buffer): string {
  return createHash("sha256").update("cloudnexus api key pepper").update(secret).digest("hex").slice(0, 8);
}
