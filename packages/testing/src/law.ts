/** A property with a name, for any test runner: `test(law.name, law.run)`. */
export interface Law {
  readonly name: string;
  readonly run: () => void;
}

/** An asynchronous property with a name: `test(law.name, law.run)`. */
export interface AsyncLaw {
  readonly name: string;
  readonly run: () => Promise<void>;
}
