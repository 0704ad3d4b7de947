import { z } from "zod";
import { normaliseCidr } from "../../domain/ipv4.ts";
import { LIMITS } from "../../domain/limits.ts";
import { mustBe } from "./fields.ts";

const cidr = z.string({ error: mustBe("a CIDR block as a string") }).superRefine((text, context) => {
  const normalised = normaliseCidr(text);
  if (normalised === text) return;
  const message =
    normalised === null
      ? "must be an IPv4 CIDR block, such as 203.0.113.0/24 or 203.0.113.7/32"
      : `has bits set beyond its prefix; did you mean ${normalised}?`;
  context.addIssue({ code: "custom", message });
});

/** Who may reach a database. None: the region's network. */
export const trustedSources = z
  .array(cidr, { error: mustBe("an array of CIDR blocks") })
  .max(LIMITS.trustedSourcesPerDatabase, `must have at most ${LIMITS.trustedSourcesPerDatabase} entries`)
  .refine((sources) => new Set(sources).size === sources.length, "must not name a block twice");
