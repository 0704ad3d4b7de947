import { z } from "zod";
import { normaliseCidr } from "../../domain/ipv4.ts";
import { LIMITS } from "../../domain/limits.ts";
import { mustBe } from "./fields.ts";

/** Four numbers up to 255 and a prefix; that no bit is set beyond the prefix is more than a pattern can say. */
const BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4_BLOCK = `^(${BYTE}\\.){3}${BYTE}/(3[0-2]|[12]?\\d)$`;

const cidr = z
  .string({ error: mustBe("a CIDR block as a string") })
  .superRefine((text, context) => {
    const normalised = normaliseCidr(text);
    if (normalised === text) return;
    const message =
      normalised === null
        ? "must be an IPv4 CIDR block, such as 203.0.113.0/24 or 203.0.113.7/32"
        : `has bits set beyond its prefix; did you mean ${normalised}?`;
    context.addIssue({ code: "custom", message });
  })
  .meta({ published: { type: "string", pattern: IPV4_BLOCK } });

/** Who may reach a database. None: the region's network. */
export const trustedSources = z
  .array(cidr, { error: mustBe("an array of CIDR blocks") })
  .max(LIMITS.trustedSourcesPerDatabase, `must have at most ${LIMITS.trustedSourcesPerDatabase} entries`)
  .refine((sources) => new Set(sources).size === sources.length, "must not name a block twice")
  .meta({
    uniqueItems: true,
    description: "Who may connect: IPv4 CIDR blocks. None: everything on the region's network.",
    examples: [["203.0.113.0/24", "198.51.100.7/32"]],
  });
