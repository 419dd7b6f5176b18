/** The token of places that hold nothing. */
export const padding = 0;
/** The token that a model ends with. */
const end = 1;
/** The token after which a model writes. */
const start = 2;
const special = ["·", "■", "="];

/** The symbols of a task, and their tokens: what a model reads and writes. */
export class Vocabulary {
  readonly end = end;
  readonly start = start;
  private readonly symbols: readonly string[];
  private readonly tokens: ReadonlyMap<string, number>;

  constructor(symbols: readonly string[]) {
    this.symbols = [...special, ...symbols];
    this.tokens = new Map(this.symbols.map((symbol, token) => [symbol, token]));
  }

  get size(): number {
    return this.symbols.length;
  }

  /** Whether there is a token for each of the symbols. */
  has(symbols: readonly string[]): boolean {
    return symbols.every((symbol) => this.tokens.has(symbol));
  }

  encode(symbols: readonly string[]): number[] {
    return symbols.map((symbol) => this.tokens.get(symbol)!);
  }

  decode(tokens: readonly number[]): string[] {
    return tokens.map((token) => this.symbols[token]!);
  }
}
