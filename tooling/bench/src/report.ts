import { markdownTable } from "markdown-table";
import type { Case, Unit } from "./cases";
import type { Limits } from "./limits/limits";
import { type Measurement, median } from "./measure";
import type { Remote } from "./remote";

const none = "—";

const digits = (value: number, count = 3) =>
  value >= 10 ** (count - 1) ? Math.round(value).toLocaleString("en") : value.toPrecision(count);

const formats: Record<Unit, (ns: number, work: number) => string> = {
  "steps/s": (ns) => digits(1e9 / ns),
  "GFLOP/s": (ns, work) => digits(work / ns),
  "Gelem/s": (ns, work) => digits(work / ns),
  ns: (ns) => digits(ns),
};

/** Speed relative to the fastest of those; above 1 Thalweg is faster. */
function ratio(own: number | undefined, others: readonly (number | undefined)[]): string {
  const times = others.filter((ns) => ns !== undefined);
  return own === undefined || times.length === 0 ? none : `${digits(Math.min(...times) / own)} x`;
}

function share({ needs }: Case, own: number | undefined, limits: Limits | null): string {
  if (!needs || own === undefined || !limits) return none;
  const [reached, possible] =
    "flops" in needs ? [needs.flops / own, limits.flopsOfAllThreads] : [needs.bytes / own, limits.copyOf4MB];
  return `${digits((100 * reached) / possible)} %`;
}

/** Work that one run submits to the GPU. */
function commandsOf({ commands }: Measurement, id: string): string {
  const told = commands[id];
  return told === undefined ? none : `${told.dispatches}, ${told.submits}`;
}

/** The medians as a table in Markdown. */
export function table(
  contestants: readonly Remote[],
  results: readonly { readonly definition: Case; readonly measurement: Measurement }[],
  limits: Limits | null,
): string {
  const ids = contestants.map(({ id }) => id);
  const scripts = ids.filter((id) => id === "jax-js" || id === "tfjs");
  const comparesBlas = ids.includes("blas") && ids.includes("pytorch");
  const countsCommands = results.some(({ measurement }) => "thalweg" in measurement.commands);
  const head = [
    "case",
    "unit",
    ...contestants.map(({ name }) => name),
    ...(scripts.length > 0 ? ["to the best in JS"] : []),
    ...(ids.includes("pytorch") ? ["to PyTorch"] : []),
    ...(comparesBlas ? ["with BLAS to PyTorch"] : []),
    ...(limits ? ["of the limit"] : []),
    ...(countsCommands ? contestants.map(({ name }) => `${name}: dispatches, submits`) : []),
  ];
  const rows = results.map(({ definition, measurement }) => {
    const ns = (id: string) => {
      const times = measurement.times[id];
      return times && median(times);
    };
    const format = (value: number | undefined) =>
      value === undefined ? none : formats[definition.unit](value, definition.work);
    return [
      definition.name,
      definition.unit,
      ...ids.map((id) => (id in measurement.refused ? "differs" : format(ns(id)))),
      ...(scripts.length > 0 ? [ratio(ns("thalweg"), scripts.map(ns))] : []),
      ...(ids.includes("pytorch") ? [ratio(ns("thalweg"), [ns("pytorch")])] : []),
      ...(comparesBlas ? [ratio(ns("blas"), [ns("pytorch")])] : []),
      ...(limits ? [share(definition, ns("thalweg"), limits)] : []),
      ...(countsCommands ? ids.map((id) => commandsOf(measurement, id)) : []),
    ];
  });
  return markdownTable([head, ...rows], { align: ["l", "l", ...head.slice(2).map(() => "r")] });
}

export function describeLimits(limits: Limits): string {
  const { threads, flopsOfOneThread, flopsOfAllThreads } = limits;
  const rates = (small: number, large: number) => `${digits(small)} GB/s of 4 MB, ${digits(large)} of 256 MB`;
  const all = `${digits(flopsOfAllThreads)} on ${threads}`;
  return [
    `multiply-add, f32x4: ${digits(flopsOfOneThread)} GFLOP/s on one thread, ${all}`,
    `copy, read + written: ${rates(limits.copyOf4MB, limits.copyOf256MB)}`,
    `read: ${rates(limits.readOf4MB, limits.readOf256MB)}`,
  ].join("\n");
}
