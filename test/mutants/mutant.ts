/** A defect that somebody could make, put into a copy of the sources to see whether the suite notices. */
export interface Mutant {
  name: string;
  /** Path from the root of the checkout. */
  file: string;
  /** Stands in the file exactly once. */
  find: string;
  replace: string;
  /** Test files, by the beginning of their path: one of their tests has to fail. */
  tests: string[];
}
