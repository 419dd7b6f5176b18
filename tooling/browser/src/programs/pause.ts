/** Yields for a moment. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
