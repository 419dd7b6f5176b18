/** Prints what ends the ranks. */
export function say(rank: number, message: string): void {
  console.error(`rank ${rank}: ${message}`);
}
