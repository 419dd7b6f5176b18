import type { Expr } from "../expr";
import { machine } from "../machine";

/** A float64 inside a float32 function. Its methods are named like those of {@link Expr}. */
export class Wide {
  readonly expr: Expr;

  constructor(expr: Expr) {
    this.expr = expr;
  }

  add(other: Wide | number): Wide {
    return this.with("wideAdd", other);
  }

  sub(other: Wide | number): Wide {
    return this.with("wideSub", other);
  }

  mul(other: Wide | number): Wide {
    return this.with("wideMul", other);
  }

  div(other: Wide | number): Wide {
    return this.with("wideDiv", other);
  }

  neg(): Wide {
    return this.mul(-1);
  }

  reciprocal(): Wide {
    return new Wide(this.expr.pool.constant(1)).div(this);
  }

  sqrt(): Wide {
    return new Wide(this.expr.pool.node(machine.wideSqrt, [this.expr]));
  }

  /** 2 to the power of this integer. */
  pow2(): Wide {
    return new Wide(this.expr.pool.node(machine.widePow2, [this.expr]));
  }

  /** Rounds to the nearest integer, halves to the even one, for |x| < 2⁵¹. The result is never -0. */
  round(): Wide {
    return this.add(1.5 * 2 ** 52).sub(1.5 * 2 ** 52);
  }

  /** Rounded to float32. */
  narrow(): Expr {
    return this.expr.pool.node(machine.narrow, [this.expr]);
  }

  private with(name: "wideAdd" | "wideSub" | "wideMul" | "wideDiv", other: Wide | number): Wide {
    const { pool } = this.expr;
    const right = typeof other === "number" ? pool.constant(other) : other.expr;
    return new Wide(pool.node(machine[name], [this.expr, right]));
  }
}

export function widen(x: Expr): Wide {
  return new Wide(x.pool.node(machine.widen, [x]));
}

/** The wide `a` where the narrow condition is nonzero, else `b`. */
export function choose(condition: Expr, a: Wide | number, b: Wide | number): Wide {
  const { pool } = condition;
  const expr = (value: Wide | number) => (typeof value === "number" ? pool.constant(value) : value.expr);
  return new Wide(pool.node(machine.wideWhere, [condition, expr(a), expr(b)]));
}

/** Σ cₖ xᵏ, constant term first. Even and odd terms are two sums by Horner's rule, whose steps can run in parallel. */
export function polynomial(x: Wide, coefficients: readonly number[]): Wide {
  const square = x.mul(x);
  const horner = (first: number) => {
    let k = coefficients.length - 1;
    if (k % 2 !== first) k--;
    let sum: Wide | number = coefficients[k]!;
    for (k -= 2; k >= 0; k -= 2) sum = square.mul(sum).add(coefficients[k]!);
    return sum;
  };
  return x.mul(horner(1)).add(horner(0));
}
