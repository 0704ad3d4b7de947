import type pg from "pg";

const FAILURE = {
  code: "internal_error",
  message: "The rebuild was under way when this installation was backed up, and was not begun again.",
  step: null,
  retryable: true,
};

/**
 * Actions that were under way when the backup was taken are begun again from their rows, which is right for all but a rebuild: it has ended since, and what its server has
 * on the new disk by now would be gone. So it ends as failed; a customer can ask again.
 */
export async function endWhatMustNotRunAgain(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ id: string; resource_id: string }>(
    `UPDATE actions SET status = 'failed', ended_at = now(), error = $1::jsonb
     WHERE status = 'running' AND type = 'rebuild' RETURNING id, resource_id`,
    [JSON.stringify({ ...FAILURE, leftovers: [] })],
  );
  for (const { id, resource_id: serverId } of rows) {
    await client.query("UPDATE servers SET error = $1::jsonb, updated_at = now() WHERE id = $2 AND action_id = $3", [
      JSON.stringify({ ...FAILURE, action_id: id }),
      serverId,
      id,
    ]);
  }
}
