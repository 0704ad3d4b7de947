/** How to reach a region and where in it our instances live. Plain data: who reads certificate files is the configuration's business. */
export interface IncusRegionOptions {
  region: string;
  /** `unix:///path/to/socket` or `https://host:port`. */
  endpoint: string;
  /** Needed for https. */
  tls?: TlsIdentity | null | undefined;
  project: string;
  network: string;
  storagePool: string;
  gateway: string;
  prefixLength: number;
}

export interface TlsIdentity {
  /** PEM. */
  clientCertificate: string;
  /** PEM. */
  clientKey: string;
  /** SHA-256 of the server certificate's DER form, as hexadecimal digits with or without colons. */
  serverFingerprint: string;
}
