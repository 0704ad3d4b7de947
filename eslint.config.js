import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", ".data", "src/store/generated", "vendor", "**/*.cjs", "bin/*.js", "eslint.config.js"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // Generated bindings give numbers for their enums and objects that their own constructors did not make.
      "@typescript-eslint/no-unsafe-enum-assignment": "off",
      "@typescript-eslint/no-unsafe-class-instance-assignment": "off",
      // Numbers in messages are meant.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "no-restricted-properties": [
        "error",
        { object: "process", property: "env", message: "Only the entry points read the environment; pass options." },
      ],
    },
  },
  {
    // Entry points, and what runs on a developer's machine.
    files: [
      "src/server.ts",
      "src/worker.ts",
      "src/migrate.ts",
      "src/codec-server.ts",
      "scripts/**",
      "simulator/main.ts",
      "test/**",
      "bench/**",
    ],
    rules: { "no-restricted-properties": "off" },
  },
  {
    // Workflow code is replayed: it has no clock, no chance, no environment but what the SDK gives it.
    files: ["workflows/**"],
    rules: {
      "no-restricted-globals": ["error", "process", "fetch", "performance", "Buffer", "require"],
      "no-restricted-imports": ["error", { patterns: ["node:*"] }],
    },
  },
  {
    files: ["test/**", "bench/**"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      // `expect` takes unbound methods and matchers of type any.
      "@typescript-eslint/unbound-method": "off",
      // A double may be async because what it stands for is.
      "@typescript-eslint/require-await": "off",
    },
  },
);
