import type { Db } from "./connection.ts";
import type { DatabaseCredentials as CredentialsRow } from "./generated/client.ts";
import { whileRuns } from "./running-action.ts";

/** A user name with its sealed password. */
export interface SealedLogin {
  username: string;
  passwordBox: string;
}

/**
 * The logins of databases: the one that is shown, and during a rotation the one to come or the one to go. A password's box is bound to its database, whichever
 * of the three places it is in.
 */
export class DatabaseCredentialsRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  /** While its action runs. Keeps the first: what a repetition generates is thrown away. */
  async insertIfMissing(databaseId: string, login: SealedLogin, actionId: string | null): Promise<void> {
    await this.db.$executeRaw`
      INSERT INTO database_credentials (database_id, username, password_box)
      SELECT ${databaseId}, ${login.username}, ${login.passwordBox} WHERE ${whileRuns(actionId)}
      ON CONFLICT DO NOTHING`;
  }

  async find(databaseId: string): Promise<CredentialsRow | null> {
    return this.db.databaseCredentials.findUnique({ where: { databaseId } });
  }

  async setNextPassword(databaseId: string, nextPasswordBox: string | null): Promise<void> {
    await this.update(databaseId, { nextPasswordBox, nextUsername: null });
  }

  async setNextUsername(databaseId: string, nextUsername: string): Promise<void> {
    await this.update(databaseId, { nextUsername });
  }

  /** The next login is the one that is shown from here on. Done before: nothing to do. */
  async promoteNext(databaseId: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials
      SET previous_username = username, previous_password_box = password_box, username = next_username, password_box = next_password_box,
        next_username = NULL, next_password_box = NULL
      WHERE database_id = ${databaseId} AND next_username IS NOT NULL AND next_password_box IS NOT NULL`;
  }

  /** Takes `promoteNext` back; not done: nothing to do. */
  async restorePrevious(databaseId: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials
      SET next_username = username, next_password_box = password_box, username = previous_username, password_box = previous_password_box,
        previous_username = NULL, previous_password_box = NULL
      WHERE database_id = ${databaseId} AND previous_username IS NOT NULL AND previous_password_box IS NOT NULL`;
  }

  async forgetPrevious(databaseId: string): Promise<void> {
    await this.update(databaseId, { previousUsername: null, previousPasswordBox: null });
  }

  async delete(databaseId: string): Promise<void> {
    await this.db.databaseCredentials.deleteMany({ where: { databaseId } });
  }

  private async update(databaseId: string, data: Partial<Omit<CredentialsRow, "databaseId">>): Promise<void> {
    await this.db.databaseCredentials.updateMany({ where: { databaseId }, data });
  }
}
