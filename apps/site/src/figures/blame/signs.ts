const signs: Readonly<Record<string, string>> = { mul: "×", add: "+", sub: "−", square: "( )²" };

/** How an operation is written. */
export function signOf(name: string): string {
  return signs[name] ?? name;
}
