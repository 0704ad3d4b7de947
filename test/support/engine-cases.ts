import type { EngineName } from "../../scripts/platform/engines/engine-session.ts";

/** What the end-to-end tests say to an engine, in its own language. */
export interface EngineCase {
  /** Makes something to be found again. */
  write: string[];
  /** Its answer holds `kept` once that was written. */
  read: string;
  /** What an application's user may not do: root's files, programs, settings, other users, other databases. */
  forbidden: string[];
  /** Each answer holds its text on a plan of 1,024 MiB. */
  memory: [statement: string, answer: string][];
  /** The same for what no user can ask: a command in the guest. */
  memoryInside?: { command: string[]; answer: string };
}

export const ENGINE_CASES: Record<EngineName, EngineCase> = {
  postgresql: {
    write: ["CREATE TABLE IF NOT EXISTS things (name text)", "INSERT INTO things VALUES ('kept')"],
    read: "SELECT name FROM things",
    forbidden: [
      "COPY (SELECT 1) TO PROGRAM 'id'",
      "COPY things FROM PROGRAM 'id'",
      "COPY things FROM '/etc/passwd'",
      "COPY things TO '/tmp/things'",
      "SELECT pg_read_file('/etc/passwd')",
      "SELECT pg_ls_dir('/data')",
      "SELECT lo_import('/etc/passwd')",
      "SELECT rolpassword FROM pg_authid",
      "SET ROLE postgres",
      "ALTER ROLE app SUPERUSER",
      "ALTER ROLE app_owner LOGIN",
      "DROP ROLE app_b",
      "CREATE ROLE another LOGIN",
      "CREATE DATABASE another",
      "DROP DATABASE postgres",
      "ALTER SYSTEM SET ssl = off",
      "SET jit_provider = 'x'",
      "CREATE EXTENSION dblink",
      "LOAD '/tmp/x.so'",
    ],
    memory: [
      ["SHOW shared_buffers", '"256MB"'],
      ["SHOW effective_cache_size", '"614MB"'],
      ["SHOW data_checksums", '"on"'],
      ["SHOW fsync", '"on"'],
    ],
  },
  mysql: {
    write: ["CREATE TABLE IF NOT EXISTS things (name varchar(20))", "INSERT INTO things VALUES ('kept')"],
    read: "SELECT name FROM things",
    forbidden: [
      "SELECT 1 INTO OUTFILE '/tmp/things'",
      "LOAD DATA INFILE '/etc/passwd' INTO TABLE things",
      "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE things",
      "SELECT User FROM mysql.user",
      "CREATE USER another",
      "DROP USER root@localhost",
      "DROP USER app",
      "GRANT FILE ON *.* TO app",
      "CREATE DATABASE another",
      "SET GLOBAL require_secure_transport = OFF",
      "SET PERSIST max_connections = 1000",
      "INSTALL PLUGIN x SONAME 'x.so'",
      "SHUTDOWN",
    ],
    memory: [
      ["SELECT @@innodb_buffer_pool_size AS bytes", String(512 * 1024 ** 2)],
      ["SELECT @@innodb_flush_log_at_trx_commit AS flushed", "1"],
      ["SELECT LOAD_FILE('/etc/passwd') IS NULL AS refused", '"refused":1'],
    ],
  },
  redis: {
    write: ['["SET","thing","kept"]'],
    read: '["GET","thing"]',
    forbidden: [
      '["CONFIG","GET","*"]',
      '["CONFIG","SET","dir","/tmp"]',
      '["ACL","LIST"]',
      '["ACL","SETUSER","app","+@all"]',
      '["MODULE","LOAD","/tmp/x.so"]',
      '["DEBUG","SLEEP","0"]',
      '["SAVE"]',
      '["BGREWRITEAOF"]',
      '["SHUTDOWN"]',
      '["REPLICAOF","127.0.0.1","1"]',
      '["MIGRATE","127.0.0.1","1","thing","0","10"]',
      '["MONITOR"]',
      '["CLIENT","KILL","TYPE","normal"]',
      "[\"EVAL\",\"return redis.call('CONFIG','GET','*')\",\"0\"]",
    ],
    memory: [
      ['["INFO","memory"]', `maxmemory:${768 * 1024 ** 2}`],
      ['["INFO","memory"]', "maxmemory_policy:noeviction"],
      ['["INFO","persistence"]', "aof_enabled:1"],
    ],
  },
  mongodb: {
    write: ['{"insert":"things","documents":[{"_id":1,"name":"kept"}]}'],
    read: '{"find":"things"}',
    forbidden: [
      '{"shutdown":1,"$db":"admin"}',
      '{"fsync":1,"$db":"admin"}',
      '{"setParameter":1,"logLevel":1,"$db":"admin"}',
      '{"copydb":1,"fromhost":"127.0.0.1","fromdb":"admin","todb":"app","$db":"admin"}',
    ],
    memory: [],
    // Of the PostgreSQL behind it.
    memoryInside: {
      command: ["runuser", "-u", "postgres", "--", "psql", "-h", "/run/cloudnexus", "-tAc", "SHOW shared_buffers"],
      answer: "256MB",
    },
  },
};
