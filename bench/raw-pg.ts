import pg from "pg";
import type { ServerReads } from "../src/store/server-reads.ts";
import { serverReads } from "../src/store/server-reads.ts";

export interface Statement {
  name: string;
  text: string;
  values: unknown[];
}

/** The statement that the API would send for a read. */
export async function statementOf(read: (reads: ServerReads) => Promise<unknown>): Promise<Statement> {
  const sent: Statement[] = [];
  const recorder = {
    query(statement: Statement) {
      sent.push(statement);
      return Promise.resolve({ rows: [] });
    },
  };
  await read(serverReads(recorder as unknown as pg.Pool));
  const [statement] = sent;
  if (!statement) throw new Error("BUG: no statement was sent");
  return statement;
}

/** How many a second bare `pg` clients get answered, one statement after the other each, all of them in this process. */
export async function rawPerSecond(
  databaseUrl: string,
  statements: Statement[],
  connections: number,
  seconds: number,
): Promise<number> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: databaseUrl }));
  await Promise.all(clients.map((client) => client.connect()));
  const end = performance.now() + seconds * 1000;
  let answered = 0;
  await Promise.all(
    clients.map(async (client, index) => {
      for (let turn = index; performance.now() < end; turn++) {
        const statement = statements[turn % statements.length];
        if (statement) await client.query(statement);
        answered += 1;
      }
    }),
  );
  await Promise.all(clients.map((client) => client.end()));
  return answered / seconds;
}
