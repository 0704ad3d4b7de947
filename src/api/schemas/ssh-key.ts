import { z } from "zod";
import { DomainError } from "../../domain/domain-error.ts";
import { parseSshPublicKey } from "../../domain/ssh-public-key.ts";
import { mustBe, resourceName } from "./fields.ts";
import { pageParameters } from "./pagination.ts";

export const createSshKeyBody = z.strictObject({
  name: resourceName,
  public_key: z
    .string({ error: mustBe("a string") })
    .superRefine((text, context) => {
      const issue = publicKeyIssue(text);
      if (issue !== null) context.addIssue({ code: "custom", message: issue });
    })
    .meta({
      description:
        "One line in OpenSSH form, without options: type, base64, optional comment. Ed25519, ECDSA, their security-key variants, and RSA of 3072 bits or more.",
    }),
});

export const listSshKeysQuery = z.strictObject(pageParameters);

/** The service parses the key again to store it; here it is only asked, so that a wrong name and a wrong key are reported together. */
function publicKeyIssue(text: string): string | null {
  try {
    parseSshPublicKey(text);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.details[0]?.issue ?? error.publicText;
    throw error;
  }
}
