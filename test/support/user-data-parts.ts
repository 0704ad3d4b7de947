/** The documents in a guest's user data: ours and, where there is one, the customer's. */
export function userDataParts(userData: string): string[] {
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"\n/.exec(userData)?.[1];
  if (boundary === undefined) return [userData];
  const parts = userData.split(`\n--${boundary}`).slice(1, -1);
  return parts.map((part) => document(part.slice(1)));
}

/** What is MIME itself stands there as it is, without headers of ours. */
function document(part: string): string {
  const end = part.indexOf("\n\n");
  if (!part.slice(0, end).includes("\nX-Merge-Type:")) return part;
  return Buffer.from(part.slice(end + 2), "base64").toString();
}
