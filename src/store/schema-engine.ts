import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { SchemaEngine } from "@prisma/schema-engine-wasm";
import * as bindings from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";

let instantiated: Promise<void> | null = null;

export interface OpenedSchemaEngine {
  engine: SchemaEngine;
  /** Ends its connections too: one of them may hold the engine's own advisory lock. */
  close: () => Promise<void>;
}

/**
 * Prisma's schema engine as WebAssembly, bound to a database. The native engine that `prisma migrate` uses has to be downloaded, this one comes with the
 * packages. Its own loader imports the .wasm file as a module, which Node 20 cannot: the same bindings are filled here by hand.
 */
export async function openSchemaEngine(databaseUrl: string, schemaText: string): Promise<OpenedSchemaEngine> {
  instantiated ??= instantiate();
  await instantiated;
  const pool = new pg.Pool({ connectionString: databaseUrl });
  const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool));
  const engine = await bindings.SchemaEngine.new(
    { datamodels: [["schema.prisma", schemaText]] },
    () => undefined,
    adapter,
  );
  return {
    engine,
    async close() {
      engine.free();
      await pool.end();
    },
  };
}

/**
 * A migration goes to PostgreSQL whole, which makes one transaction of it. The adapter's own way is to cut it at every semicolon, and so through the bodies of
 * functions.
 */
class WholeScripts extends PrismaPg {
  override async connect(): ReturnType<PrismaPg["connect"]> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
    };
    return adapter;
  }
}

/** The part of WebAssembly used here; @types/node leaves it to the DOM library. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

async function instantiate(): Promise<void> {
  const wasmPath = createRequire(import.meta.url)
    .resolve("@prisma/schema-engine-wasm")
    .replace(/schema_engine\.js$/, "schema_engine_bg.wasm");
  const { instance } = await WebAssembly.instantiate(await readFile(wasmPath), { "./schema_engine_bg.js": bindings });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports["__wbindgen_start"] as () => void)();
}
