/** What is wrong with a program, and where. */
export interface Problem {
  readonly kind: "syntax" | "type" | "run";
  readonly message: string;
  /** Counted from 1; null where nobody knows. */
  readonly line: number | null;
}
