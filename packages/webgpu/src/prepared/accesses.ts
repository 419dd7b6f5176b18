/** How a buffer is declared in the kernel that a text becomes a part of. */
export interface Target {
  readonly slot: number;
  /** Type of the elements that the text reads and writes. */
  readonly type: string;
  /** Type of the elements in the declaration: the same, or `u32` or `atomic<u32>`, which stand for 32 bits of any type. */
  readonly declared: string;
}

/** The text with its buffers as they are declared elsewhere. What it computes is the same. */
export function withBuffers(text: string, targetOf: (slot: number) => Target): string {
  const pattern = /\bb(\d+)\[/g;
  let result = "";
  let at = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const target = targetOf(Number(found[1]));
    const position = bracketed(text, pattern.lastIndex - 1);
    const index = withBuffers(position.content, targetOf);
    result += text.slice(at, found.index);
    at = position.end;
    if (target.type === target.declared) result += `b${target.slot}[${index}]`;
    else {
      const isVector = target.type.startsWith("vec4");
      const component = isVector && text[at] === "[" ? bracketed(text, at) : null;
      if (component !== null) at = component.end;
      const stored = /^\s*=(?!=)([^;]*);/.exec(text.slice(at));
      if (stored !== null) at += stored[0].length;
      const value = stored === null ? null : withBuffers(stored[1]!.trim(), targetOf);
      if (isVector && component === null) result += vectorAccess(target, index, value);
      else result += elementAccess(target, elementIndex(index, component?.content), value);
    }
    pattern.lastIndex = at;
  }
  return result + text.slice(at);
}

/** Functions that read vectors in a buffer of single elements, and write them where it is written. */
export function vectorFunctions(slot: number, declared: string, isWritten: boolean): string {
  const parts = [0, 1, 2, 3].map((j) => `4u * i + ${j}u`);
  const four = `fn four_b${slot}(i: u32) -> vec4<u32> {
  return vec4<u32>(${parts.map((part) => load(slot, declared, part)).join(", ")});
}`;
  if (!isWritten) return four;
  const components = ["x", "y", "z", "w"];
  const stores = parts.map((part, j) => store(slot, declared, part, `v.${components[j]}`));
  return `${four}
fn put_b${slot}(i: u32, v: vec4<u32>) {
  ${stores.join("\n  ")}
}`;
}

/** What is between the bracket at `open` and the one that closes it. */
function bracketed(text: string, open: number): { readonly content: string; readonly end: number } {
  let depth = 0;
  let end = open;
  do {
    if (text[end] === "[") depth++;
    else if (text[end] === "]") depth--;
    end++;
  } while (depth > 0);
  return { content: text.slice(open + 1, end - 1), end };
}

function elementIndex(index: string, component: string | undefined): string {
  return component === undefined ? index : `4u * u32(${index}) + u32(${component})`;
}

function load(slot: number, declared: string, index: string): string {
  return declared === "u32" ? `b${slot}[${index}]` : `atomicLoad(&b${slot}[${index}])`;
}

function store(slot: number, declared: string, index: string, value: string): string {
  return declared === "u32"
    ? `b${slot}[${index}] = ${value};`
    : `atomicStore(&b${slot}[${index}], ${value});`;
}

function elementAccess({ slot, type, declared }: Target, index: string, value: string | null): string {
  const scalar = type.replace(/^vec4<(.*)>$/, "$1");
  if (value === null) return `bitcast<${scalar}>(${load(slot, declared, index)})`;
  return store(slot, declared, index, `bitcast<u32>(${value})`);
}

function vectorAccess({ slot, type }: Target, index: string, value: string | null): string {
  if (value === null) return `bitcast<${type}>(four_b${slot}(u32(${index})))`;
  return `put_b${slot}(u32(${index}), bitcast<vec4<u32>>(${value}));`;
}
