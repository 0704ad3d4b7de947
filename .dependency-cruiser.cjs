/**
 * The import rules of docs/architecture.md: what each layer may import of ours. A layer that is not listed for a folder is forbidden to it.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const layers = {
  domain: "^src/domain/",
  config: "^src/config/",
  telemetry: "^src/telemetry/",
  store: "^src/store/",
  drivers: "^src/drivers/",
  temporal: "^src/temporal/",
  services: "^src/services/",
  api: "^src/api/",
  codecServer: "^src/codec-server/",
  workflows: "^workflows/",
  activities: "^activities/",
  simulator: "^simulator/",
};

/** `values`: imported at run time or as types; `types`: with `import type` only. */
const may = {
  domain: { values: [] },
  config: { values: ["domain"] },
  telemetry: { values: ["domain"] },
  store: { values: ["domain", "telemetry"] },
  drivers: { values: ["domain", "telemetry"] },
  activities: { values: ["domain", "telemetry"], types: ["store", "drivers"] },
  workflows: { values: ["domain"], types: ["activities"] },
  temporal: { values: ["domain", "telemetry"], types: ["workflows"] },
  services: { values: ["domain", "store", "temporal", "telemetry"], types: ["workflows"] },
  api: { values: ["services", "domain", "telemetry"], types: ["config"] },
  codecServer: { values: ["temporal", "telemetry"] },
  simulator: { values: [] },
};

const layerRules = Object.entries(may).flatMap(([layer, { values, types = [] }]) => {
  const own = layers[layer];
  const allowed = [own, ...values.map((name) => layers[name])];
  const ours = "^(src|workflows|activities|simulator|scripts|images|test|bench)/";
  return [
    {
      name: `${layer}-imports`,
      comment: `${layer} may import of ours: ${[...values, ...types.map((name) => `${name} as types`)].join(", ") || "nothing"}`,
      severity: "error",
      from: { path: own },
      to: { path: ours, pathNot: [...allowed, ...types.map((name) => layers[name])] },
    },
    ...types.map((name) => ({
      name: `${layer}-imports-${name}-as-types`,
      comment: `${layer} may import ${name} with \`import type\` only`,
      severity: "error",
      from: { path: own },
      to: { path: layers[name], dependencyTypesNot: ["type-only"] },
    })),
  ];
});

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: "api-process-has-no-infrastructure",
      comment: "the API process reaches neither drivers nor activities, by any path",
      severity: "error",
      from: { path: "^src/(server|start-api)\\.ts$" },
      to: { path: "^(src/drivers|activities|workflows)/", reachable: true },
    },
    {
      name: "worker-has-no-api",
      severity: "error",
      from: { path: "^src/(worker|start-worker)\\.ts$" },
      to: { path: "^src/api/", reachable: true },
    },
    {
      name: "prisma-only-in-store",
      comment: "the probe of databases asks a customer's PostgreSQL, not ours",
      severity: "error",
      from: { path: "^(src|workflows|activities)/", pathNot: "^src/(store/|drivers/probe/postgresql\\.ts)" },
      to: { path: "node_modules/(@prisma|pg)/|^src/store/generated/" },
    },
    {
      name: "api-knows-no-engine",
      comment: "the API layer speaks to services, never to Prisma or Temporal",
      severity: "error",
      from: { path: "^src/api/" },
      to: { path: "node_modules/(@prisma|@temporalio|pg|undici)/" },
    },
    {
      name: "workflows-are-deterministic",
      comment: "no Node built-ins, and nothing but the workflow SDK",
      severity: "error",
      from: { path: "^workflows/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "workflows-only-the-sdk",
      severity: "error",
      from: { path: "^workflows/" },
      to: { path: "node_modules/", pathNot: "node_modules/@temporalio/(workflow|common)/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^src/store/generated/" },
    tsPreCompilationDeps: "specify",
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".cjs", ".mjs"] },
  },
};
