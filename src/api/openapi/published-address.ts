/** Where the published API is. In what an installation serves of its description, its own address stands instead. */
export const PUBLISHED_ADDRESS = "https://api.cloudnexus.com";
