import type { Db } from "./connection.ts";
import { type DatabaseCredentials as CredentialsRow, Prisma } from "./generated/client.ts";
import { whileRuns } from "./running-action.ts";

/** A user name with its sealed password. */
export interface SealedLogin {
  username: string;
  passwordBox: string;
}

/** A rotation of the password of a database, by its action. */
export interface Rotation {
  databaseId: string;
  actionId: string;
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

  /** The same, for a step of a rotation: null where another rotation has begun since. */
  async findOfRotation({ databaseId, actionId }: Rotation): Promise<CredentialsRow | null> {
    return this.db.databaseCredentials.findFirst({
      where: { databaseId, OR: [{ rotationActionId: actionId }, { rotationActionId: null }] },
    });
  }

  /**
   * Begins a rotation with the password to come. Keeps the first, as above, until that is stored: a workflow that is started anew after it needs another one. What an earlier rotation has
   * not cleared away yet goes with this.
   */
  async beginRotation({ databaseId, actionId }: Rotation, nextPasswordBox: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials
      SET rotation_action_id = ${actionId}, next_username = NULL, next_password_box = ${nextPasswordBox},
        previous_username = CASE WHEN rotation_action_id = ${actionId} THEN previous_username END,
        previous_password_box = CASE WHEN rotation_action_id = ${actionId} THEN previous_password_box END
      WHERE database_id = ${databaseId} AND (rotation_action_id IS DISTINCT FROM ${actionId} OR next_password_box IS NULL)`;
  }

  async discardNext(rotation: Rotation): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials SET next_username = NULL, next_password_box = NULL WHERE ${ofRotation(rotation)}`;
  }

  async setNextUsername(rotation: Rotation, nextUsername: string): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials SET next_username = ${nextUsername} WHERE ${ofRotation(rotation)}`;
  }

  /** The next login is the one that is shown from here on. Done before: nothing to do. */
  async promoteNext(rotation: Rotation): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials
      SET previous_username = username, previous_password_box = password_box, username = next_username, password_box = next_password_box,
        next_username = NULL, next_password_box = NULL
      WHERE ${ofRotation(rotation)} AND next_username IS NOT NULL AND next_password_box IS NOT NULL`;
  }

  /** Takes `promoteNext` back; not done: nothing to do. */
  async restorePrevious(rotation: Rotation): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials
      SET next_username = username, next_password_box = password_box, username = previous_username, password_box = previous_password_box,
        previous_username = NULL, previous_password_box = NULL
      WHERE ${ofRotation(rotation)} AND previous_username IS NOT NULL AND previous_password_box IS NOT NULL`;
  }

  async forgetPrevious(rotation: Rotation): Promise<void> {
    await this.db.$executeRaw`
      UPDATE database_credentials SET previous_username = NULL, previous_password_box = NULL WHERE ${ofRotation(rotation)}`;
  }

  async delete(databaseId: string): Promise<void> {
    await this.db.databaseCredentials.deleteMany({ where: { databaseId } });
  }
}

/** What an attempt of a rotation may change: an earlier one's, which goes on late, finds nothing. */
function ofRotation({ databaseId, actionId }: Rotation): Prisma.Sql {
  return Prisma.sql`database_id = ${databaseId} AND coalesce(rotation_action_id, ${actionId}) = ${actionId}`;
}
