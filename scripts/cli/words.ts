import { type Command, InvalidArgumentError, Option } from "commander";
import { reason as reasonOfChange } from "../../src/api/schemas/operator.ts";

/** What options and arguments take. Each throws `InvalidArgumentError`, which is a usage error. */

/** An option word is none: `--reason $UNSET --dry-run` must not take away the dry run. */
export function text(word: string): string {
  if (/^(--[a-z][a-z-]*(=.*)?|-[a-z])$/s.test(word)) throw new InvalidArgumentError("It is an option.");
  return word;
}

/** Why something is changed, for the audit log: as the API takes it. */
export function reason(words: string): string {
  const checked = reasonOfChange.safeParse(text(words));
  if (checked.success) return checked.data;
  throw new InvalidArgumentError(checked.error.issues[0]?.message ?? "It is not one line.");
}

/** `--reason`, which every change of an operator needs. */
export function reasonOption(): Option {
  return new Option("--reason <text>", "why, for the audit log").argParser(reason).makeOptionMandatory();
}

/** An empty one, of a variable that is not set, is none: the API would take its path for the list's. */
export function id(word: string): string {
  if (word === "") throw new InvalidArgumentError("It is empty.");
  return word;
}

export function list(words: string): string[] {
  return text(words).split(",");
}

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `90s`, `10m`, `2h`, `7d` in seconds. */
export function seconds(age: string): number {
  const [, number, unit] = /^(\d{1,7})([smhd])$/.exec(age) ?? [];
  if (number === undefined) throw new InvalidArgumentError("It is an age such as 90s, 10m, 2h or 7d.");
  return Number(number) * SECONDS[unit as keyof typeof SECONDS];
}

/** `30/m` or `2/s`, in a minute. */
export function perMinute(rate: string): number {
  const [, number, unit] = /^(\d{1,4})\/([ms])$/.exec(rate) ?? [];
  if (number === undefined) throw new InvalidArgumentError("It is so many a minute or second, such as 30/m or 2/s.");
  return Number(number) * (unit === "s" ? 60 : 1);
}

export function wholeNumber(word: string): number {
  if (!/^-?\d{1,15}$/.test(word)) throw new InvalidArgumentError("It is a whole number.");
  return Number(word);
}

/** Ends with the message for a word that is no command of the group, and what was perhaps meant. */
export function refuseWord(group: Command, word: string): void {
  const plain = group.createCommand(group.name()).copyInheritedSettings(group);
  for (const { name } of group.commands.map((command) => ({ name: command.name() }))) plain.command(name);
  plain.parse([word], { from: "user" });
}

/** A group whose `list` is meant where no word follows: any other word is refused as in other groups, not as an argument of `list`. */
export function refuseOtherWords(group: Command): Command {
  return group.hook("preSubcommand", () => {
    const [word] = group.args;
    if (word === undefined || word.startsWith("-") || group.commands.some((command) => command.name() === word)) return;
    refuseWord(group, word);
  });
}
