import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  LBFGS,
  Lion,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  SGD,
  type Tensor,
} from "thalweg";
import type { BuiltInName } from "./racers";
import type { Racing } from "./run";

/** How each optimizer of the library is made, with a rate. */
export const makers: Readonly<Record<BuiltInName, (params: Tensor[], lr: number) => Racing>> = {
  sgd: (params, lr) => new SGD(params, { lr }),
  momentum: (params, lr) => new SGD(params, { lr, momentum: 0.9 }),
  nesterov: (params, lr) => new SGD(params, { lr, momentum: 0.9, nesterov: true }),
  adagrad: (params, lr) => new Adagrad(params, { lr }),
  adadelta: (params, lr) => new Adadelta(params, { lr }),
  rmsprop: (params, lr) => new RMSprop(params, { lr }),
  adam: (params, lr) => new Adam(params, { lr }),
  adamw: (params, lr) => new AdamW(params, { lr }),
  adamax: (params, lr) => new Adamax(params, { lr }),
  nadam: (params, lr) => new NAdam(params, { lr }),
  radam: (params, lr) => new RAdam(params, { lr }),
  lamb: (params, lr) => new LAMB(params, { lr }),
  lion: (params, lr) => new Lion(params, { lr }),
  muon: (params, lr) => new Muon(params, { lr, weightDecay: 0 }),
  // One direction and one search in each step, so that its steps can be compared with those of the others.
  lbfgs: (params, lr) => new LBFGS(params, { lr, maxIter: 1, historySize: 5, lineSearchFn: "strongWolfe" }),
};
