/** What this process is for. Only the API is kept away from infrastructure; scripts and tests declare nothing. */
export type ProcessRole = "api" | "worker";

/** On the global object: a module loaded twice (bundle and source, say) still sees one role. */
const ROLE = Symbol.for("cloudnexus.process-role");

/** Called once by an entry point, before anything else is made. */
export function declareProcessRole(role: ProcessRole): void {
  const declared = declaredProcessRole();
  if (declared !== undefined && declared !== role) {
    throw new Error(`BUG: this process is already declared as ${declared} and cannot become ${role}`);
  }
  Reflect.set(globalThis, ROLE, role);
}

function declaredProcessRole(): ProcessRole | undefined {
  return Reflect.get(globalThis, ROLE) as ProcessRole | undefined;
}

/** Every driver and probe asks before it is made. */
export function assertInfrastructureAllowed(): void {
  if (declaredProcessRole() !== "api") return;
  throw new Error("BUG: the API process must not reach infrastructure; start a workflow whose activities do it");
}
