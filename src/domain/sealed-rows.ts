/** What the sealed secrets of the tables are bound to, by whoever seals or opens them: a box that is copied to another row or column's table does not open. */
export const boundTo = {
  password: (databaseId: string) => `database_credentials/${databaseId}`,
  authorityKey: (authorityId: string) => `certificate_authorities/${authorityId}`,
  certificateKey: (databaseId: string) => `database_certificates/${databaseId}`,
};
