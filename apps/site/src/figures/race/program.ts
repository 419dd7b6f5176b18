import { makers } from "../../race/makers";
import type { BuiltInName, CourseName } from "../../race/racers";
import { type Course, type Run, run } from "../../race/run";
import { grounds } from "../../terrain/grounds";
import { heightsOf } from "../../terrain/heights";
import { surfaces } from "../../terrain/surfaces";

/** One that races. */
export interface Entry extends Course {
  readonly name: BuiltInName;
}

/** The runs of the last race, which many entries of the next one repeat. */
let known = new Map<string, Run>();

/** Computes the figure of the race. */
export const program = {
  /** The run of each entry. */
  race(entries: readonly Entry[]): Run[] {
    const runs = entries.map((entry) => {
      const key = JSON.stringify(entry);
      return [key, known.get(key) ?? run(makers[entry.name], entry)] as const;
    });
    known = new Map(runs);
    return runs.map(([, done]) => done);
  },

  /** The height of each place of the map. */
  heights: (ground: CourseName) => heightsOf(surfaces[ground], grounds[ground].region),
};
