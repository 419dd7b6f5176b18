import { ArgumentError, describe } from "../errors";
import { type BinaryPrimitive, type Primitive, primitives, type UnaryPrimitive } from "./primitive";

/**
 * A scalar expression kept as data: the computation of an operation for one element. The float64 reference, the
 * kernels of every backend, and the derivative come from it. Expressions of one pool are interned, so equal
 * subexpressions are the same object and are computed once.
 */
export class Expr {
  /** The function that is computed; null for an input or a constant. */
  readonly primitive: Primitive | null;
  readonly args: readonly Expr[];
  /** Number of the input, or -1. */
  readonly input: number;
  /** Value of a constant; NaN elsewhere. */
  readonly value: number;
  /** Whether the value is an int32. */
  readonly isInt: boolean;
  /** Position in the pool: arguments come before the nodes that use them. */
  readonly id: number;
  /** @internal */
  readonly pool: ExprPool;

  constructor(
    pool: ExprPool,
    id: number,
    primitive: Primitive | null,
    args: readonly Expr[],
    input: number,
    value: number,
    isInt: boolean,
  ) {
    this.pool = pool;
    this.isInt = isInt;
    this.id = id;
    this.primitive = primitive;
    this.args = args;
    this.input = input;
    this.value = value;
  }

  get isConstant(): boolean {
    return this.primitive === null && this.input < 0;
  }

  /** Whether this is the constant `value`. */
  is(value: number): boolean {
    return this.isConstant && Object.is(this.value, value);
  }

  /** `other - this`. */
  rsub(other: Expr | number): Expr {
    return this.pool.expr(other).sub(this);
  }

  /** `this · this`. */
  square(): Expr {
    return this.mul(this);
  }

  /** `1 / this`. */
  reciprocal(): Expr {
    return this.pool.constant(1).div(this);
  }

  /** `1 / √this`. */
  rsqrt(): Expr {
    return this.sqrt().reciprocal();
  }

  /** The larger of `this` and 0, with derivative 0 at 0. */
  relu(): Expr {
    return this.le(0).choose(0, this);
  }

  /**
   * Always throws. The method `where` of tensors keeps the receiver where a condition holds, while {@link choose} is a
   * method of the condition.
   *
   * @throws ArgumentError
   */
  where(..._: never[]): never {
    throw new ArgumentError("where", "expressions have no where", "write condition.choose(a, b)");
  }

  /** Limits the value to `[min, max]`. The gradient at the limits is 1. The result is NaN where a limit is NaN. */
  clamp(min: Expr | number, max: Expr | number): Expr {
    return this.ge(min).mul(this.le(max)).choose(this, this.maximum(min).minimum(max));
  }
}

/** The scalar functions as methods. */
export interface Expr
  extends Record<UnaryPrimitive, () => Expr>,
    Record<BinaryPrimitive, (other: Expr | number) => Expr> {
  /** `ifNonZero` where this is nonzero, else `ifZero`; an int if both are whole numbers or ints. */
  choose(ifNonZero: Expr | number, ifZero: Expr | number): Expr;
}

for (const primitive of Object.values(primitives)) {
  Object.defineProperty(Expr.prototype, primitive.name, {
    value(this: Expr, ...args: (Expr | number)[]) {
      return this.pool.node(primitive, [this, ...args.map((arg) => this.pool.expr(arg))]);
    },
  });
}

/** Owns the expressions of one operation and interns them. */
export class ExprPool {
  private readonly interned = new Map<string, Expr>();

  /** An input, which is an int32 if `isInt` is true; false unless given. */
  input(index: number, isInt = false): Expr {
    return this.intern(isInt ? `n${index}` : `i${index}`, null, [], index, Number.NaN, isInt);
  }

  /** A constant, which is an int32 if `isInt` is true; false unless given. */
  constant(value: number, isInt = false): Expr {
    const text = Object.is(value, -0) ? "-0" : String(value);
    return this.intern(isInt ? `k${text}` : `c${text}`, null, [], -1, value, isInt);
  }

  /**
   * The expression of an operand: a number becomes a constant.
   *
   * @throws ArgumentError for an expression of another pool, and for anything else.
   */
  expr(value: Expr | number): Expr {
    if (typeof value === "number") return this.constant(value);
    if (!(value instanceof Expr)) {
      const problem = `operands must be expressions or numbers, got ${describe(value)}`;
      throw new ArgumentError("pointwise", problem, "tensors come in as arguments of the operation");
    }
    if (value.pool !== this) {
      throw new ArgumentError(
        "pointwise",
        "an expression of another operation was used",
        "make it in this body",
      );
    }
    return value;
  }

  /** The function of these arguments, simplified where its value is known. Equal calls give the same node. */
  node(primitive: Primitive, args: readonly Expr[]): Expr {
    return (
      simplify(primitive, args) ??
      this.intern(
        `${primitive.name}(${args.map((arg) => arg.id).join()})`,
        primitive,
        args,
        -1,
        Number.NaN,
        primitive.int,
      )
    );
  }

  private intern(
    key: string,
    primitive: Primitive | null,
    args: readonly Expr[],
    input: number,
    value: number,
    isInt = false,
  ): Expr {
    let expr = this.interned.get(key);
    if (expr === undefined) {
      expr = new Expr(this, this.interned.size, primitive, args, input, value, isInt);
      this.interned.set(key, expr);
    }
    return expr;
  }
}

/**
 * Simplifies a node by rules that hold for every float, NaN and infinities included, up to the sign of a zero. So
 * `x * 0` is not 0. The one exception is the power 0.5 of -Infinity: NaN, as in PyTorch. Null where no rule applies.
 */
function simplify(primitive: Primitive, args: readonly Expr[]): Expr | null {
  const [a, b, c] = args as [Expr, Expr, Expr];
  const { pool } = a;
  if (args.every((arg) => arg.isConstant)) {
    return pool.constant(primitive.evaluate(...args.map((arg) => arg.value)), primitive.int);
  }
  switch (primitive) {
    case primitives.add:
      if (a.is(0)) return b;
      if (b.is(0)) return a;
      if (a === b) return a.mul(2);
      if (b.primitive === primitives.neg) return a.sub(b.args[0]!);
      return null;
    case primitives.sub:
      if (b.is(0)) return a;
      if (b.primitive === primitives.neg) return a.add(b.args[0]!);
      return null;
    case primitives.mul:
      if (a.is(1)) return b;
      if (b.is(1)) return a;
      if (a.is(-1)) return b.neg();
      if (b.is(-1)) return a.neg();
      return null;
    case primitives.div:
      return b.is(1) ? a : null;
    case primitives.neg:
      return a.primitive === primitives.neg ? a.args[0]! : null;
    case primitives.pow:
      return b.isConstant ? constantPower(a, b.value) : null;
    case primitives.choose:
      if (b === c) return b;
      return a.isConstant ? (a.value !== 0 ? b : c) : null;
    default:
      return null;
  }
}

function constantPower(base: Expr, exponent: number): Expr | null {
  switch (exponent) {
    case 1:
      return base;
    case 2:
      return base.mul(base);
    case 3:
      return base.mul(base).mul(base);
    case 0.5:
      return base.sqrt();
    case -1:
      return base.reciprocal();
    default:
      return null;
  }
}
