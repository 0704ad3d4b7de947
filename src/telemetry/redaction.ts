/**
 * What a log line must never carry, wherever in it: API keys, authorization headers, bearer tokens, passwords in connection URLs, private keys.
 * It works on the finished JSON line, so nesting and free text are covered alike.
 */
const SECRETS: readonly [pattern: RegExp, replacement: string][] = [
  [/cn_live_sk_[A-Za-z0-9]+/g, "cn_live_sk_[redacted]"],
  [/("(?:proxy-)?authorization"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\[[^\]]*\])/gi, '$1"[redacted]"'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, "$1 [redacted]"],
  [/(\\?"\w*password\\?"\s*:\s*\\?")[^"\\]+/gi, "$1[redacted]"],
  [/(\w:\/\/[^\s:@/"\\]*):[^\s@/"\\]+@/g, "$1:[redacted]@"],
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[^"]*/g, "[redacted private key]"],
];

/** One look that spares almost every line the replacements. */
const SUSPICIOUS = /cn_live_sk_|authorization|bearer|basic|password|:\/\/|PRIVATE KEY/i;

export function redact(line: string): string {
  if (!SUSPICIOUS.test(line)) return line;
  return SECRETS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);
}
