/** The documents in a guest's user data: ours and, where there is one, the customer's. */
export function userDataParts(userData: string): string[] {
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"\n/.exec(userData)?.[1];
  if (boundary === undefined) return [userData];
  const parts = userData.split(`\n--${boundary}`).slice(1, -1);
  return parts.map((part) => Buffer.from(part.slice(part.indexOf("\n\n") + 2), "base64").toString());
}
