/** Whom resources and API keys belong to. */
export interface Account {
  id: string;
  /** Unique in the installation. */
  name: string;
  createdAt: Date;
}
