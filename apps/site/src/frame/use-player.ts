import { computed, onUnmounted, type Ref, ref } from "vue";

/** Moves through the steps of a figure. */
export interface Player {
  readonly isRunning: Ref<boolean>;
  readonly canStep: Ref<boolean>;
  readonly canGoBack: Ref<boolean>;
  step(): void;
  back(): void;
  run(): void;
  pause(): void;
  reset(): void;
}

/** Milliseconds for which a run is behind at most, unless a step takes longer: what is missed then is not made up for. */
export const patience = 100;

/** Whether the reader has asked for less motion. */
export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/**
 * A player over positions from 0 to `last()`.
 *
 * @param pace milliseconds of a step
 */
export function usePlayer(position: Ref<number>, last: () => number, pace: () => number): Player {
  const isRunning = ref(false);
  let frame = 0;
  let before = 0;

  function pause(): void {
    isRunning.value = false;
    cancelAnimationFrame(frame);
  }

  function go(to: number): void {
    position.value = Math.max(0, Math.min(last(), to));
  }

  function tick(now: number): void {
    const steps = Math.floor(Math.min(now - before, Math.max(patience, pace())) / pace());
    if (steps > 0) {
      before = now;
      go(position.value + steps);
    }
    if (position.value >= last()) pause();
    else frame = requestAnimationFrame(tick);
  }

  onUnmounted(pause);
  return {
    isRunning,
    canStep: computed(() => position.value < last()),
    canGoBack: computed(() => position.value > 0),
    pause,
    step() {
      pause();
      go(position.value + 1);
    },
    back() {
      pause();
      go(position.value - 1);
    },
    run() {
      if (prefersStillness()) return go(last());
      isRunning.value = true;
      before = performance.now();
      frame = requestAnimationFrame(tick);
    },
    reset() {
      pause();
      go(0);
    },
  };
}
