/** A property with a name, for any test runner: `test(law.name, law.run)`. */
export interface Law {
  readonly name: string;
  /** Tries it; throws what fast-check throws where it does not hold. */
  readonly run: () => void;
}

/** An asynchronous property with a name: `test(law.name, law.run)`. */
export interface AsyncLaw {
  readonly name: string;
  /** Tries it; rejects with what fast-check throws where it does not hold. */
  readonly run: () => Promise<void>;
}
