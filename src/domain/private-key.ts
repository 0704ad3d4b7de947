/** The last alternative is how the base64 of an OpenSSH private key begins when its armour was cut off. */
const PRIVATE_KEY = /PRIVATE KEY|PuTTY-User-Key-File|b3BlbnNzaC1rZXktdjE/i;

/** Whether there is a private key in the text, in one of the forms that say so. */
export function holdsPrivateKey(text: string): boolean {
  return PRIVATE_KEY.test(text);
}
