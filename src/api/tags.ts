/** The chapters of the reference, in order. */
export const TAGS = {
  Servers: "Virtual servers of your own, reached over SSH as `root`.",
  Databases:
    "PostgreSQL, MySQL, Redis and MongoDB, made and watched by us, reached over TLS. They are ready once their status is `active`.",
  "SSH keys":
    "The public keys that open your servers. A server is given the keys that its create names, and keeps them.",
  "API keys":
    "What programs authenticate with. Give each its own key with the scopes it needs, roll it from time to time, and revoke what you don't use.",
  Account: "Whose an API key is, and how much it may have.",
  Actions: "The progress of anything that takes time: every step, its attempts and its last failure.",
  Events: "What happens to your things, as it happens.",
  Catalogue: "What can be ordered, and where. Reading it changes nothing.",
  Operators:
    "What the people do who run this installation, across accounts. It needs the scope `operator`, which `*` does not include.",
  Service: "The state of this installation, and the description of its API. No API key is needed.",
} as const;

export type Tag = keyof typeof TAGS;
