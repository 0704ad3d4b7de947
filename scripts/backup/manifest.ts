import { z } from "zod";

const sequence = z.object({ name: z.string(), lastValue: z.string() });

/** What a backup says of itself, before its content. */
export const manifestSchema = z.object({
  /** Of the CloudNexus that made it. */
  version: z.string(),
  takenAt: z.iso.datetime(),
  /** The latest migration of its database. */
  migration: z.string(),
  sequences: z.array(sequence),
  /** Keys by their setting: where they came from, and a digest that tells whether another one is the same. */
  keys: z.record(z.string(), z.object({ from: z.enum(["file", "environment"]), digest: z.string() })),
});
export type Manifest = z.output<typeof manifestSchema>;

/** The beginning of a section. */
export const sectionSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("table"), name: z.string(), columns: z.array(z.string()) }),
  z.object({ kind: z.literal("file"), path: z.string() }),
]);
export type Section = z.output<typeof sectionSchema>;

/** What it held, after it. */
export const totalsSchema = z.object({ tables: z.number(), rows: z.number(), files: z.number() });
export type Totals = z.output<typeof totalsSchema>;
