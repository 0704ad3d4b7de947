/** Control characters (NUL, newline, escape …), Unicode line breaks and lone surrogates: none of them survives a terminal, a log or a database column unharmed. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;
const UNPRINTABLE_BUT_LAYOUT = /[^\P{Cc}\t\n\r]|\p{Cs}/u;

/** Whether `text` is one line of printable characters. */
export function isPrintableLine(text: string): boolean {
  return !UNPRINTABLE.test(text);
}

/** Whether `text` is printable but for tabs and line ends. */
export function isPrintableText(text: string): boolean {
  return !UNPRINTABLE_BUT_LAYOUT.test(text);
}
