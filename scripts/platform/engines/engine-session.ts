import type { EngineOfImage } from "../images/recipe.ts";

export interface EngineTarget {
  host: string;
  port: number;
  user: string;
  /** Null: none is offered. */
  password: string | null;
  database: string | null;
  /** The authority that the server's certificate must be from; null: plain text. */
  ca: string | null;
}

/** A session as a customer has it. */
export interface EngineSession {
  /** Runs a statement of the engine's own language (Redis and MongoDB: a command as an array or document in JSON); answers what came, as text. */
  query(statement: string): Promise<string>;
  close(): Promise<void>;
}

export type EngineName = EngineOfImage["name"];
