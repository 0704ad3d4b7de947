import type { SshKey } from "../domain/ssh-key.ts";
import type { Db } from "./connection.ts";
import { type ListPage, type ListStart, listPage, newestFirst } from "./newest-first.ts";
import { whileRuns } from "./running-action.ts";

/** An account's SSH keys, and the copies that were attached to servers. */
export class SshKeyRepository {
  private readonly db: Db;

  constructor(db: Db) {
    this.db = db;
  }

  async insert(key: Omit<SshKey, "createdAt">): Promise<SshKey> {
    return this.db.sshKey.create({ data: key });
  }

  async find(id: string, accountId: string): Promise<SshKey | null> {
    return this.db.sshKey.findFirst({ where: { id, accountId } });
  }

  /** Which of these ids the account has. */
  async existing(ids: string[], accountId: string): Promise<Set<string>> {
    if (ids.length === 0) return new Set();
    const rows = await this.db.sshKey.findMany({ where: { id: { in: ids }, accountId }, select: { id: true } });
    return new Set(rows.map((row) => row.id));
  }

  async findByFingerprint(accountId: string, fingerprint: string): Promise<SshKey | null> {
    return this.db.sshKey.findUnique({ where: { accountId_fingerprint: { accountId, fingerprint } } });
  }

  async isNameTaken(accountId: string, name: string): Promise<boolean> {
    return (await this.db.sshKey.count({ where: { accountId, name } })) > 0;
  }

  async list(accountId: string, start: ListStart, limit: number): Promise<ListPage<SshKey>> {
    const [rows, total] = await Promise.all([
      this.db.sshKey.findMany(newestFirst({ accountId }, start, limit)),
      this.db.sshKey.count({ where: { accountId } }),
    ]);
    return listPage(rows, limit, total);
  }

  async delete(id: string, accountId: string): Promise<boolean> {
    return (await this.db.sshKey.deleteMany({ where: { id, accountId } })).count > 0;
  }

  /** Copies the keys to the server, once, while its action runs; returns how many of `keyIds` are attached now. */
  async attach(serverId: string, keyIds: string[], accountId: string, actionId: string | null): Promise<number> {
    await this.db.$executeRaw`
      INSERT INTO server_ssh_keys (server_id, ssh_key_id, public_key)
      SELECT ${serverId}, id, public_key FROM ssh_keys WHERE id = ANY(${keyIds}) AND account_id = ${accountId} AND ${whileRuns(actionId)}
      ON CONFLICT DO NOTHING`;
    return this.db.serverSshKey.count({ where: { serverId, sshKeyId: { in: keyIds } } });
  }

  async detach(serverId: string): Promise<void> {
    await this.db.serverSshKey.deleteMany({ where: { serverId } });
  }
}
