export interface SshKey {
  id: string;
  accountId: string;
  name: string;
  /** One line in OpenSSH form: type, base64 blob, optional comment. */
  publicKey: string;
  /** `SHA256:` and the unpadded base64 digest of the blob, as ssh-keygen prints it. */
  fingerprint: string;
  createdAt: Date;
}
