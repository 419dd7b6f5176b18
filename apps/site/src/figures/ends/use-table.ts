import { computed, onMounted, onUnmounted, ref, type ShallowRef, shallowReactive, watch } from "vue";
import type { Engine } from "../../engine/use-engine";
import type { Point } from "../../frame/use-url-state";
import { type BatchSize, batchSizes } from "../../wave/layout";
import { ratesCompared } from "./layout";
import type { Ends, program } from "./program";

/** What tells one crowd from another. */
export interface Crowd {
  readonly start: Point;
  readonly batch: BatchSize;
  readonly rate: number;
  readonly seed: number;
}

const keyOf = ({ start, batch, rate, seed }: Crowd) => [...start, batch, rate, seed].join();

/**
 * Computes the crowds of all cells, that of the chosen cell first. Those that are known stay.
 *
 * @param figure what has to come into sight before anything is computed
 */
export function useTable(
  engine: Engine<typeof program>,
  chosen: () => Crowd,
  figure: Readonly<ShallowRef<Element | null>>,
) {
  const known = shallowReactive(new Map<string, Ends>());
  let isBusy = false;
  let isGone = false;
  let observer: IntersectionObserver | undefined;
  const isSeen = ref(false);

  /** The first crowd that is not known yet. */
  function next(): Crowd | undefined {
    const first = chosen();
    const all = batchSizes.flatMap((batch) => ratesCompared.map((rate) => ({ ...first, batch, rate })));
    return [first, ...all].find((crowd) => !known.has(keyOf(crowd)));
  }

  async function fill(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    const program = await engine.program;
    for (let crowd = next(); crowd !== undefined && !isGone; crowd = next()) {
      known.set(keyOf(crowd), await program.ends(crowd.start, crowd.batch, crowd.rate, crowd.seed));
    }
    isBusy = false;
  }

  onMounted(() => {
    observer = new IntersectionObserver((entries) => {
      isSeen.value ||= entries.some(({ isIntersecting }) => isIntersecting);
    });
    observer.observe(figure.value!);
  });
  watch([isSeen, chosen], () => {
    if (isSeen.value) void fill();
  });
  onUnmounted(() => {
    isGone = true;
    observer?.disconnect();
  });
  return {
    /** Where a crowd has ended; undefined as long as that is not known. */
    endsOf: (crowd: Crowd) => known.get(keyOf(crowd)),
    isDone: computed(() => next() === undefined),
  };
}

/** The share of a crowd that is in the deepest valley. */
export function shareOf({ areDeep }: Ends): number {
  return areDeep.filter(Boolean).length / areDeep.length;
}
