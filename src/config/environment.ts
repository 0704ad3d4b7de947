import { z } from "zod";
import { SettingError } from "./setting-error.ts";

/** Settings that several processes have. */
export const portSetting = z.coerce.number().int().min(0).max(65_535);
export const dataDirSetting = z.string().min(1).default(".data");
export const logLevelSetting = z
  .enum(["trace", "debug", "info", "warn", "error", "silent"], "must be trace, debug, info, warn, error or silent")
  .default("info");

/** The variables a schema names, checked. An empty variable counts as unset. Throws a `SettingError` that names the first missing or wrong one. */
export function parseEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  environment: NodeJS.ProcessEnv,
): z.output<Schema> {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new SettingError(issue?.path.join(".") ?? "environment", issue?.message ?? "is not valid");
}
