import { tensor } from "@thalweg/tensor";
import { type LRScheduler, type Schedulable, SGD } from "../src/index";

/** An optimizer with momentum and one group for each rate. */
export const optimizer = (...rates: number[]) =>
  new SGD(
    rates.map((lr) => ({ params: [tensor([0], { requiresGrad: true })], lr })),
    { momentum: 0.5 },
  );

/** The rates of the first group over so many epochs. */
export const rates = (scheduler: LRScheduler, epochs: number) =>
  Array.from({ length: epochs }, () => {
    scheduler.step();
    return scheduler.getLastLr()[0]!;
  });

/** The values that schedulers set in each group. */
export const settings = ({ paramGroups }: Schedulable) =>
  paramGroups.map(({ lr, momentum, betas }) => ({ lr, momentum, betas }));
