import type { Command } from "commander";
import { addOperation } from "./operation-command.ts";
import { operationNamed } from "./operations.ts";
import type { Run } from "./run.ts";
import { regionTable } from "./tables/regions.ts";
import { refuseOtherWords } from "./words.ts";

/** `regions`: how full they are, and how the latest audit found them. */
export function addRegions(program: Command, run: Run): void {
  const regions = refuseOtherWords(
    program.command("regions").description("how full the regions are, and how the latest audit found them"),
  );
  addOperation(regions, run, operationNamed("list-region-states"), {
    name: "list",
    isDefault: true,
    table: regionTable,
  });
}
