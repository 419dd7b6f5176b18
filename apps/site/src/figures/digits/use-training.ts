import { defaultEpochs, defaults, type Settings } from "digits/settings";
import { computed, onMounted, shallowRef, watch } from "vue";
import { useEngine } from "../../engine/use-engine";
import DigitsWorker from "./digits.worker?worker";
import type { Device, Progress, program, Result, Status } from "./program";
import type { LossPoint } from "./trainer";

/** What the reader chooses. */
export interface Wanted {
  model: Settings["model"];
  seed: number;
  batch: number;
  device: Device;
  /** The epochs to train; those that the model needs unless given. */
  epochs: number | undefined;
}

/** The test images after an epoch. */
export interface Tested extends Result {
  readonly epoch: number;
}

/** What went wrong. A file is damaged, does not fit, is of another program, or cannot be read. */
export interface Problem {
  readonly kind: "fetch" | "damaged" | "unfit" | "foreign" | "file" | "gpu" | "lost" | "other";
  /** What the library or the browser says. */
  readonly text: string;
  /** The name of the file. */
  readonly file: string;
}

/** Why a file cannot be used, by the name of the error. */
const fileProblems: Readonly<Record<string, Problem["kind"]>> = {
  SafetensorsError: "damaged",
  CheckpointError: "unfit",
  SessionError: "foreign",
};

/** What an error says, without the function that says it. */
const textOf = (error: Error) => error.message.replace(/^\w+: /, "");

/** How training went. */
export interface Course {
  /** Where it is, in epochs. */
  readonly epoch: number;
  readonly losses: readonly LossPoint[];
  readonly tested: readonly Tested[];
  readonly pace: Progress["pace"];
}

const beginning: Course = { epoch: 0, losses: [], tested: [], pace: undefined };

/** Trains in the Worker what is wanted. */
export function useTraining(wanted: Wanted) {
  const engine = useEngine<typeof program>("digits", DigitsWorker);
  const status = shallowRef<Status>();
  const course = shallowRef(beginning);
  const phase = shallowRef<"still" | "fetching" | "running">("still");
  const problem = shallowRef<Problem>();
  /** Changes with the model. */
  const version = shallowRef(0);
  /** Changes where another model takes the place of the one before. */
  let session = 0;
  let loop: Promise<void> = Promise.resolve();

  const epochs = computed(() => wanted.epochs ?? defaultEpochs[wanted.model]);
  const isDone = computed(() => course.value.epoch >= epochs.value);

  /** Whether it could be done. */
  async function attempt(kind: Problem["kind"], run: () => Promise<unknown>, file = ""): Promise<boolean> {
    problem.value = undefined;
    try {
      await run();
      return true;
    } catch (error) {
      const { name } = error as Error;
      const found = kind === "file" ? (fileProblems[name] ?? kind) : kind;
      problem.value = { kind: found, text: textOf(error as Error), file };
      return false;
    } finally {
      version.value++;
    }
  }

  /** The CPU takes over where a GPU fails. */
  async function onDevice(run: (device: Device) => Promise<Status>): Promise<void> {
    const go = async (device: Device) => {
      status.value = await run(device);
    };
    const { device } = wanted;
    if (device === "cpu") {
      await attempt("other", () => go(device));
    } else if (!(await attempt("gpu", () => go(device)))) {
      const { value } = problem;
      wanted.device = "cpu";
      await attempt("other", () => go("cpu"));
      problem.value = value;
    }
  }

  async function open(): Promise<void> {
    const { model, seed, batch: batchSize } = wanted;
    phase.value = "still";
    session++;
    course.value = beginning;
    const remote = await engine.program;
    await onDevice((device) => remote.open({ ...defaults, model, seed, batchSize }, device));
  }

  function take({ epoch, losses, result, pace, isLost }: Progress): void {
    const { value } = course;
    course.value = {
      epoch,
      losses: losses.length === 0 ? value.losses : [...value.losses, ...losses],
      tested:
        result === undefined ? value.tested : [...value.tested, { ...result, epoch: Math.round(epoch) }],
      pace,
    };
    version.value++;
    if (isLost) problem.value = { kind: "lost", text: "", file: "" };
  }

  /** Trains until it is stopped. */
  async function train(): Promise<void> {
    // The reader stopped it while it waited for the run before.
    if (phase.value !== "fetching") return;
    const remote = await engine.program;
    const mine = session;
    const isPrepared = await attempt("fetch", () => remote.prepare());
    if (mine === session && phase.value === "fetching") phase.value = isPrepared ? "running" : "still";
    if (!isPrepared) return;
    await attempt("other", async () => {
      while (mine === session && phase.value === "running" && !isDone.value && problem.value === undefined) {
        const progress = await remote.advance(epochs.value);
        if (mine === session) take(progress);
      }
    });
    await remote.rest();
    // Not where the next run waits already.
    if (mine === session && phase.value === "running") phase.value = "still";
  }

  async function run(): Promise<void> {
    if (phase.value !== "still" || isDone.value) return;
    phase.value = "fetching";
    loop = loop.then(train);
    await loop;
  }

  function pause(): void {
    phase.value = "still";
  }

  async function load(file: File): Promise<void> {
    pause();
    const remote = await engine.program;
    await attempt(
      "file",
      async () => {
        const loaded = await remote.load(new Uint8Array(await file.arrayBuffer()), wanted.device);
        const { settings, epoch } = loaded.status;
        session++;
        status.value = loaded.status;
        course.value = { ...beginning, epoch, tested: [{ ...loaded.result, epoch }] };
        Object.assign(wanted, { model: settings.model, seed: settings.seed, batch: settings.batchSize });
        if (epoch >= epochs.value) wanted.epochs = Math.ceil(epoch);
      },
      file.name,
    );
  }

  async function save(): Promise<Uint8Array<ArrayBuffer>> {
    return (await engine.program).save();
  }

  /** An image of the data, fetched if need be; undefined if it cannot be had. */
  async function imageAt(image: number) {
    let found: { readonly pixels: Uint8Array; readonly digit: number } | undefined;
    await attempt("fetch", async () => {
      found = await (await engine.program).image(image);
    });
    return found;
  }

  const isOpen = (settings: Settings | undefined) =>
    settings !== undefined &&
    settings.model === wanted.model &&
    settings.seed === wanted.seed &&
    settings.batchSize === wanted.batch;

  onMounted(() => {
    void open();
    watch(
      () => [wanted.model, wanted.seed, wanted.batch],
      () => {
        if (!isOpen(status.value?.settings)) void open();
      },
    );
    watch(
      () => wanted.device,
      async (device) => {
        const remote = await engine.program;
        if (status.value !== undefined && status.value.device !== device) await onDevice(remote.move);
      },
    );
  });

  return {
    engine,
    status,
    course,
    phase,
    problem,
    version,
    epochs,
    isDone,
    open,
    run,
    pause,
    load,
    save,
    imageAt,
  };
}
