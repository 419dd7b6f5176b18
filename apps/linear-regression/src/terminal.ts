/** A stream to print to. */
export type Stream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** Where a run prints, and what can end it early. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  /** Aborted when the user pressed Ctrl-C. */
  readonly signal?: AbortSignal;
}
