/** The position after the end of the text that starts with the quotation mark at `start`. */
function behind(json: string, start: number): number {
  let end = start + 1;
  for (; end < json.length; end++) {
    const code = json.charCodeAt(end);
    if (code === 0x22) break;
    if (code === 0x5c) end++;
  }
  return end + 1;
}

const isSpace = (code: number) => code === 0x20 || (code >= 0x09 && code <= 0x0d);

/** The nesting of objects and arrays in a JSON text, before it is parsed. */
export function depthOf(json: string): number {
  let [depth, most] = [0, 0];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === 0x22) i = behind(json, i) - 1;
    else if (code === 0x7b || code === 0x5b) most = Math.max(most, ++depth);
    else if (code === 0x7d || code === 0x5d) depth--;
  }
  return most;
}

/** The first key that occurs twice in one object of a JSON text, which `JSON.parse` accepts; null if there is none. */
export function duplicateKey(json: string): string | null {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === 0x7b) open.push(new Set());
    else if (code === 0x7d) open.pop();
    if (code !== 0x22) continue;
    const end = behind(json, i);
    let next = end;
    while (isSpace(json.charCodeAt(next))) next++;
    if (json.charCodeAt(next) === 0x3a) {
      const text = json.slice(i + 1, end - 1);
      // Two spellings of one character make the same key.
      const key = text.includes("\\") ? (JSON.parse(`"${text}"`) as string) : text;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
    i = end - 1;
  }
  return null;
}
