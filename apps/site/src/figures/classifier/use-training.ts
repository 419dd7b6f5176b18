import { computed, onMounted, onUnmounted, type Ref, ref, shallowRef, watch } from "vue";
import type { Settings } from "../../classifier/settings";
import type { Engine } from "../../engine/use-engine";
import { type Player, patience, prefersStillness } from "../../frame/use-player";
import type { Progress, program } from "./program";

/** How fast a run is: epochs a second. */
export const paces = { slow: 10, quick: 60, full: Number.POSITIVE_INFINITY } as const;

/** Milliseconds of training until something new is shown, and for those who want less motion. */
const share = 16;
const stillShare = 1000;
/** What those see who want less motion: so many epochs at once, with milliseconds between. */
const jump = { epochs: 20, pause: 400 } as const;

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

/** A training in a worker that follows the settings and the epoch of the page. */
export interface FollowedTraining {
  readonly player: Player;
  /** How far it is; undefined before the first answer. */
  readonly shown: Readonly<Ref<Progress | undefined>>;
  /** Whether it is not yet where it should be. */
  readonly isBehind: Readonly<Ref<boolean>>;
}

/**
 * Trains up to an epoch, and from the beginning again when the settings change. One question is open at most.
 *
 * @param epoch what the reader wants to see; a run moves it
 * @param pace epochs a second
 */
export function useTraining(
  engine: Engine<typeof program>,
  settings: Readonly<Ref<Settings>>,
  epoch: Ref<number>,
  pace: () => number,
): FollowedTraining {
  const shown = shallowRef<Progress>();
  /** The settings of what is shown. */
  const known = shallowRef<Settings>();
  const isRunning = ref(false);
  const goal = computed(() => Math.min(epoch.value, settings.value.epochs));
  const isDone = computed(() => (shown.value?.epoch ?? 0) >= settings.value.epochs);
  const hasDiverged = computed(() => shown.value?.hasDiverged === true);
  const isBehind = computed(() => {
    if (shown.value === undefined || known.value !== settings.value) return true;
    return shown.value.epoch > goal.value || (shown.value.epoch < goal.value && !hasDiverged.value);
  });
  const isAsking = ref(false);
  let isBusy = false;
  let isGone = false;

  async function ask(to: number, time: number): Promise<void> {
    const asked = settings.value;
    isAsking.value = true;
    const answer = await (await engine.program).advance(asked, to, time);
    shown.value = answer;
    known.value = asked;
    isAsking.value = false;
  }

  /** Goes on with a run until the next frame. Returns the time up to which its epochs are due. */
  async function runOn(since: number): Promise<number> {
    const isStill = prefersStillness();
    await (isStill ? pause(jump.pause) : nextFrame());
    const now = performance.now();
    const due = isStill ? jump.epochs : Math.floor(((now - since) * pace()) / 1000);
    if (!isRunning.value || due < 1) return since;
    const before = epoch.value;
    await ask(Math.min(settings.value.epochs, goal.value + due), isStill ? Number.POSITIVE_INFINITY : share);
    // Unless the reader went elsewhere meanwhile.
    if (epoch.value === before) epoch.value = Math.max(goal.value, shown.value!.epoch);
    if (isDone.value || hasDiverged.value) isRunning.value = false;
    return pace() === Number.POSITIVE_INFINITY
      ? now
      : Math.max(now - patience, since + (1000 * due) / pace());
  }

  async function follow(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    let since = performance.now();
    while (!isGone && (isBehind.value || isRunning.value)) {
      if (isBehind.value) {
        await ask(goal.value, prefersStillness() ? stillShare : share);
        if (isBehind.value) await nextFrame();
        since = performance.now();
      } else since = await runOn(since);
    }
    isBusy = false;
  }

  function go(to: number): void {
    isRunning.value = false;
    epoch.value = Math.max(0, Math.min(settings.value.epochs, to));
  }

  onMounted(() => watch([isBehind, isRunning], follow, { immediate: true }));
  onUnmounted(() => {
    isGone = true;
    isRunning.value = false;
  });

  /** A training that has diverged stays where it did. */
  const at = () => (hasDiverged.value && !isBehind.value ? shown.value!.epoch : goal.value);
  return {
    shown,
    // A run that was paused has the answer to its last question still to come.
    isBehind: computed(() => isBehind.value || (isAsking.value && !isRunning.value)),
    player: {
      isRunning,
      canStep: computed(() => !isDone.value && !hasDiverged.value),
      canGoBack: computed(() => goal.value > 0),
      step: () => go(at() + 1),
      back: () => go(at() - 1),
      run: () => void (isRunning.value = true),
      pause: () => void (isRunning.value = false),
      reset: () => go(0),
    },
  };
}
