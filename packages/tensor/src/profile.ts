import { brandOf, type KernelEvent, watchKernels } from "@thalweg/kernels";
import { type DispatchLayer, pushLayer } from "./ops/apply";
import { callback, checkArguments } from "./signature";
import { Tensor } from "./tensor";

/** The cost of one operation or kernel. */
export interface ProfileRow {
  readonly name: string;
  readonly calls: number;
  /** Milliseconds, without nested operations; for a composite, with them. */
  readonly time: number;
  /** Bytes that its kernels read and wrote. Each operand of a kernel counts once. */
  readonly bytes: number;
  /**
   * Tiers in which its kernels ran, such as `js`, `wasm`, `wasm x2` (two threads) and `reference`; the most frequent
   * first.
   */
  readonly tiers: readonly string[];
}

/** An event of the Trace Event Format, which `chrome://tracing` and https://ui.perfetto.dev show. */
export interface TraceEvent {
  readonly name: string;
  readonly cat: "op" | "composite" | "kernel";
  readonly ph: "X";
  /** Start, and duration (`dur`), in microseconds. */
  readonly ts: number;
  readonly dur: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The result of {@link profile}. */
export interface Profile<T> {
  /** The result of the function. */
  readonly result: T;
  /** Milliseconds from start to end. */
  readonly time: number;
  /** One row for each operation, the most expensive first. */
  readonly ops: readonly ProfileRow[];
  /**
   * One row for each composite, such as `layerNorm` and `scaledDotProductAttention`, the most expensive first. Composites
   * contain operations, which `ops` counts as well, and sometimes each other.
   */
  readonly composites: readonly ProfileRow[];
  /** One row for each kernel, the most expensive first. */
  readonly kernels: readonly ProfileRow[];
  /** Returns a trace. Write `JSON.stringify(profile.trace())` to a file, and open it in a trace viewer. */
  trace(): { readonly traceEvents: readonly TraceEvent[] };
  /** The tables as text. */
  toString(): string;
}

interface Span {
  readonly name: string;
  readonly cat: "op" | "composite";
  readonly shapes: readonly string[];
  readonly start: number;
  duration: number;
  /** Time of nested spans. */
  inner: number;
  bytes: number;
  readonly tiers: string[];
}

/** Records operations and kernels while it is attached. */
class Recorder {
  private readonly spans: Span[] = [];
  private readonly events: KernelEvent[] = [];
  private readonly open: Span[] = [];
  private readonly start = performance.now();
  private readonly detachLayer: () => void;
  private readonly detachKernels: () => void;

  constructor() {
    const layer: DispatchLayer = (op, inputs, attrs, next) =>
      this.record("op", op.name, inputs, () => next(op, inputs, attrs));
    layer.composite = ({ name }, args, run) => this.record("composite", name, args, run);
    this.detachLayer = pushLayer(layer);
    this.detachKernels = watchKernels((event) => {
      this.events.push(event);
      const last = this.open.at(-1);
      for (const span of this.open) {
        if (span !== last && span.cat !== "composite") continue;
        span.bytes += event.bytes;
        span.tiers.push(event.tier);
      }
    });
  }

  private record(cat: Span["cat"], name: string, args: readonly unknown[], run: () => Tensor): Tensor {
    const start = performance.now();
    const span = { name, cat, shapes: shapesOf(args), start, duration: 0, inner: 0, bytes: 0, tiers: [] };
    this.open.push(span);
    try {
      return run();
    } finally {
      span.duration = performance.now() - span.start;
      this.open.pop();
      this.spans.push(span);
      const caller = this.open.at(-1);
      if (caller !== undefined) caller.inner += span.duration;
    }
  }

  finish<T>(result: T): Profile<T> {
    this.detach();
    const time = performance.now() - this.start;
    const { spans, events, start } = this;
    const ops = spanTable(spans, "op");
    const composites = spanTable(spans, "composite");
    const kernels = table(
      events.map(({ kind, name, duration, bytes, tier }) => ({
        name: name === "" ? kind : `${kind} ${name}`,
        time: duration,
        bytes,
        tiers: [tier],
      })),
    );
    return {
      result,
      time,
      ops,
      composites,
      kernels,
      trace: () => ({
        traceEvents: [...spans.map((s) => spanEvent(s, start)), ...events.map((e) => kernelEvent(e, start))],
      }),
      toString() {
        const tables = [text("operation", ops), text("kernel", kernels)];
        if (composites.length > 0) tables.splice(1, 0, text("composite", composites, sumOfTimes(ops)));
        return [`${time.toFixed(2)} ms`, ...tables].join("\n\n");
      },
    };
  }

  detach(): void {
    this.detachLayer();
    this.detachKernels();
  }
}

/** The shapes of the tensors among the arguments, and "number" for numbers. Other values are left out. */
function shapesOf(args: readonly unknown[]): string[] {
  return args.flatMap((arg) =>
    arg instanceof Tensor ? `[${arg.shape.join(", ")}]` : typeof arg === "number" ? "number" : [],
  );
}

function spanTable(spans: readonly Span[], cat: Span["cat"]): ProfileRow[] {
  return table(
    spans.flatMap((span) => {
      if (span.cat !== cat) return [];
      const { name, duration, inner, bytes, tiers } = span;
      return { name, time: cat === "op" ? duration - inner : duration, bytes, tiers };
    }),
  );
}

function spanEvent({ name, cat, start, duration, shapes, bytes }: Span, from: number): TraceEvent {
  const [ts, dur] = [(start - from) * 1000, duration * 1000];
  return { name, cat, ph: "X", ts, dur, pid: 1, tid: 1, args: { shapes, bytes } };
}

function kernelEvent({ kind, name, tier, start, duration, bytes }: KernelEvent, from: number): TraceEvent {
  const [ts, dur] = [(start - from) * 1000, duration * 1000];
  return {
    name: `${kind} ${name}`.trim(),
    cat: "kernel",
    ph: "X",
    ts,
    dur,
    pid: 1,
    tid: 2,
    args: { tier, bytes },
  };
}

interface Entry {
  readonly name: string;
  readonly time: number;
  readonly bytes: number;
  readonly tiers: readonly string[];
}

/** One row for each name. */
function table(entries: readonly Entry[]): ProfileRow[] {
  const rows = new Map<string, { calls: number; time: number; bytes: number; tiers: Map<string, number> }>();
  for (const { name, time, bytes, tiers } of entries) {
    const row = rows.get(name) ?? { calls: 0, time: 0, bytes: 0, tiers: new Map<string, number>() };
    rows.set(name, row);
    row.calls++;
    row.time += time;
    row.bytes += bytes;
    for (const tier of tiers) row.tiers.set(tier, (row.tiers.get(tier) ?? 0) + 1);
  }
  return [...rows]
    .map(([name, { calls, time, bytes, tiers }]) => ({
      name,
      calls,
      time,
      bytes,
      tiers: [...tiers].sort((a, b) => b[1] - a[1]).map(([tier]) => tier),
    }))
    .sort((a, b) => b.time - a.time);
}

function sumOfTimes(rows: readonly ProfileRow[]): number {
  return rows.reduce((sum, row) => sum + row.time, 0);
}

/** Formats rows as text, with the share of `total` for each. */
function text(title: string, rows: readonly ProfileRow[], total = sumOfTimes(rows)): string {
  const cells = rows.map((row) => [
    row.name,
    String(row.calls),
    row.time.toFixed(3),
    `${total > 0 ? ((100 * row.time) / total).toFixed(1) : "0.0"}%`,
    ((1000 * row.time) / row.calls).toFixed(2),
    (row.bytes / 1e6).toFixed(2),
    row.tiers.join(", "),
  ]);
  const lines = [[title, "calls", "ms", "share", "us/call", "MB", "tier"], ...cells];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  const pad = (cell: string, i: number) =>
    i === 0 || i === widths.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!);
  return lines.map((line) => line.map(pad).join("  ").trimEnd()).join("\n");
}

/**
 * Runs `body`, and measures every operation and every kernel in it: calls, time, bytes and tier. An asynchronous body is
 * awaited. Times include the cost of measuring, some hundred nanoseconds per call. On WebGPU they are the times of
 * recording commands, not of running them.
 *
 * @example
 * const { ops, result } = profile(() => tensor([1, 2, 3]).square().sum());
 * result.item(); // → 14
 * ops.map((row) => row.name).sort().join(); // → "square,sum"
 */
export function profile<T>(body: () => Promise<T>): Promise<Profile<T>>;
/** Runs `body`, and measures every operation and every kernel in it: calls, time, bytes and tier. */
export function profile<T>(body: () => T): Profile<T>;
export function profile<T>(body: () => T | Promise<T>): Profile<T> | Promise<Profile<T>> {
  checkArguments("profile", { body: callback }, [body]);
  const recorder = new Recorder();
  try {
    const result = body();
    if (brandOf(result) === "Promise") {
      return (result as Promise<T>).then(
        (value) => recorder.finish(value),
        (error) => {
          recorder.detach();
          throw error;
        },
      );
    }
    return recorder.finish(result as T);
  } catch (error) {
    recorder.detach();
    throw error;
  }
}
