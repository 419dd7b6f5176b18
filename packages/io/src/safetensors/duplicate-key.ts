/** A string, and the colon behind it if it is a key; or a bracket. The loops cannot backtrack. */
const tokens = /"([^"\\]*(?:\\.[^"\\]*)*)"(\s*:)?|[{}]/g;

/** The first key that stands twice in one object of a JSON text, which `JSON.parse` lets pass; null if none does. */
export function duplicateKey(json: string): string | null {
  const open: Set<string>[] = [];
  for (const [token, text, colon] of json.matchAll(tokens)) {
    if (token === "{") open.push(new Set());
    else if (token === "}") open.pop();
    else if (colon !== undefined) {
      // Two spellings of one character make the same key.
      const key = text!.includes("\\") ? (JSON.parse(`"${text}"`) as string) : text!;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}
