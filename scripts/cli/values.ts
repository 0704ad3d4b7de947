import { InvalidArgumentError } from "commander";
import type { Field } from "./operations.ts";
import { text, wholeNumber } from "./words.ts";

/** What the word of an option is to the API. Whether it is right beyond its type is the API's to say. Throws `InvalidArgumentError`. */
export function valueOf(field: Field, word: string): unknown {
  if (field.isNullable && word === "null") return null;
  switch (field.type) {
    case "array":
      return word === ""
        ? []
        : text(word)
            .split(",")
            .map((one) => chosen(field, one));
    case "boolean":
      if (word !== "true" && word !== "false") throw new InvalidArgumentError("It is true or false.");
      return word === "true";
    case "integer":
      return wholeNumber(word);
    case "object":
      return objectOf(word);
    default:
      return chosen(field, text(word));
  }
}

/** How help shows what an option takes. */
export function placeholderOf({ type, isNullable, choices }: Field): string {
  const kind = { array: "a,b", boolean: "true|false", integer: "n", object: "key=value,…" }[type] ?? "text";
  return isNullable ? `${kind}|null` : kind === "text" && choices && choices.length <= 4 ? choices.join("|") : kind;
}

function chosen({ choices }: Field, word: string): string {
  if (choices === null || choices.includes(word)) return word;
  throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
}

/** JSON, or `key=value,…`. */
function objectOf(word: string): unknown {
  if (!word.startsWith("{")) return Object.fromEntries(text(word).split(",").map(pairOf));
  try {
    return JSON.parse(word);
  } catch {
    throw new InvalidArgumentError("It is not valid JSON.");
  }
}

function pairOf(pair: string): [string, string] {
  const separator = pair.indexOf("=");
  if (separator < 0) throw new InvalidArgumentError("It is key=value,… or a JSON object.");
  return [pair.slice(0, separator), pair.slice(separator + 1)];
}
