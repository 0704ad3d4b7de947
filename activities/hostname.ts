/** Names may contain dots and underscores; a hostname label may not. */
export function hostnameOf(name: string): string {
  return name.replace(/[^A-Za-z0-9-]/g, "-").replace(/^-+|-+$/g, "");
}
