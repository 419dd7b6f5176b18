import type { Contestant, Input, Problem, Runner } from "./contestant";

/** The place that a contestant runs in, in its own process or page. */
export class Stage {
  private runner: Runner | null = null;
  private issueOnly = false;

  /** @param withhold prevents a device from computing, or lets it compute again */
  constructor(
    private readonly contestant: Contestant,
    private readonly withhold: (on: boolean) => void = () => {},
  ) {}

  /** Sets a problem up; false if the contestant does not support it. */
  prepare(problem: Problem, inputs: readonly Input[]): boolean {
    this.runner?.dispose?.();
    this.issueOnly = problem.kind === "operation" && problem.issueOnly === true;
    const setup = this.contestant[problem.kind] as
      | ((problem: Problem, inputs: readonly Input[]) => Runner | null)
      | undefined;
    this.runner = setup?.(problem, inputs) ?? null;
    return this.runner !== null;
  }

  /** Nanoseconds of `count` runs. */
  async run(count: number): Promise<number> {
    const { begin, run } = this.runner!;
    await begin?.();
    this.withhold(this.issueOnly);
    const start = performance.now();
    await run(count);
    const took = performance.now() - start;
    this.withhold(false);
    return took * 1e6;
  }

  async result(): Promise<Float32Array> {
    return this.runner!.result();
  }
}
