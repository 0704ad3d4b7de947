import { Gauge, type Registry } from "prom-client";
import { type Audit, INSTALLATION } from "../domain/audit.ts";
import { AUDIT_CLASSES } from "../domain/audit-classes.ts";
import { sharedLook } from "./shared-look.ts";

/**
 * What the latest audit of everything found. Asks the database at each reading, so every worker tells the same; missing while it does not answer, or before the first
 * audit has ended. `read` answers that audit, null: there is none.
 */
export function observeAudits(registry: Registry, read: () => Promise<Audit | null>): void {
  const current = sharedLook(read);
  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    show: (of: Gauge<Label>, audit: Audit) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        const audit = await current();
        if (audit) show(this, audit);
      },
    });

  gauge(
    "cloudnexus_audit_differences",
    "Differences between rows, workflows and infrastructure that the latest audit found; region *: of the installation",
    ["region", "class"],
    (of, { totals, classes }) => {
      for (const { scope: region, differences } of totals) {
        for (const name of AUDIT_CLASSES.filter((one) => classes.includes(one))) {
          of.set({ region, class: name }, differences[name] ?? 0);
        }
      }
    },
  );
  for (const [side, what] of [
    ["owned", "Servers and databases that should have an instance"],
    ["found", "Instances that carry our tags"],
  ] as const) {
    gauge(`cloudnexus_audit_${side}`, `${what}, as the latest audit saw them`, ["region"], (of, { totals }) => {
      for (const { scope: region, [side]: count } of totals) if (region !== INSTALLATION) of.set({ region }, count);
    });
  }
  gauge(
    "cloudnexus_audit_uncompared",
    "1: the latest audit could not compare this region, or wrote nothing about it",
    ["region"],
    (of, { totals }) => {
      for (const { scope: region, problem } of totals) of.set({ region }, problem === null ? 0 : 1);
    },
  );
  gauge("cloudnexus_audit_age_seconds", "Since the end of the latest audit of everything", ["status"], (of, audit) => {
    if (audit.endedAt) of.set({ status: audit.status }, (Date.now() - audit.endedAt.getTime()) / 1_000);
  });
}
