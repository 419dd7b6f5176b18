"""Prints the polynomials of packages/kernels/src/scalar/float32: best approximations by Remez' exchange."""

from mpmath import atan, cos, erf, exp, expm1, lu_solve, matrix, log, mp, mpf, pi, sin, sqrt

mp.dps = 40


def minimax(f, low, high, degree, weight=lambda x: 1 / mpf(1)):
    """Coefficients, lowest first, of the p for which the largest |weight (p - f)| is least, and that error."""
    n = degree + 2
    low, high = mpf(low), mpf(high)
    grid = [(low + high) / 2 - (high - low) / 2 * cos(pi * k / (40 * n)) for k in range(40 * n + 1)]
    values = [(x, f(x), weight(x)) for x in grid]
    picked = [40 * n * k // (n - 1) for k in range(n)]
    for _ in range(12):
        rows = [[x**k for k in range(degree + 1)] + [(-1) ** i / w]
                for i, (x, _, w) in enumerate(values[j] for j in picked)]
        solution = lu_solve(matrix(rows), matrix([values[j][1] for j in picked]))
        p = [solution[k] for k in range(degree + 1)]
        error = [w * (sum(c * x**k for k, c in enumerate(p)) - y) for x, y, w in values]
        # One extremum of each run of one sign.
        extrema = []
        for j, e in enumerate(error):
            if extrema and error[extrema[-1]] * e > 0:
                if abs(e) > abs(error[extrema[-1]]):
                    extrema[-1] = j
            else:
                extrema.append(j)
        while len(extrema) > n:
            extrema.pop(0 if abs(error[extrema[0]]) < abs(error[extrema[-1]]) else -1)
        if len(extrema) < n or extrema == picked:
            break
        picked = extrema
    return p, max(abs(e) for e in error)


def show(name, f, low, high, degree, weight=None):
    p, error = minimax(f, low, high, degree, weight or (lambda x: 1 / f(x)))
    print(f"{name}: error 2^{float(log(error, 2)):.1f}")
    for c in p:
        print(f"  {float(c)!r},")


tiny = mpf(10) ** -12
s2 = (sqrt(2) - 1) ** 2 / (sqrt(2) + 1) ** 2 * mpf("1.001")
fold = (sqrt(2) - 1) ** 2 * mpf("1.001")

# e^r = 1 + r + r^2 p(r), the weight without its zero at 0
tail = lambda r: (expm1(r) - r) / r**2 if abs(r) > mpf(10) ** -9 else mpf(1) / 2 + r / 6
show("exp", tail, "-0.3467", "0.3467", 4, lambda r: max(r * r, mpf("0.004")) / exp(r))
# 2^f - 1 = f p(f)
show("exp2", lambda f: expm1(f * log(2)) / f, "-0.5001", "0.5", 5)
# log((1+s)/(1-s)) = s p(s^2), for logarithms and for powers
odd_log = lambda z: log((1 + sqrt(z)) / (1 - sqrt(z))) / sqrt(z)
show("log", odd_log, tiny, s2, 3)
show("log for pow", odd_log, tiny, s2, 5)
# sin(pi/2 t) = t p(t^2), cos(pi/2 t) = p(t^2)
show("sin", lambda z: sin(pi / 2 * sqrt(z)) / sqrt(z), tiny, "0.266", 4)
show("cos", lambda z: cos(pi / 2 * sqrt(z)), 0, "0.266", 4)
# atan t = t p(t^2)
show("atan", lambda z: atan(sqrt(z)) / sqrt(z), tiny, fold, 6)
# erf x = x p(x^2 / 7.7 - 1)
root = lambda u: sqrt((u + 1) * mpf("7.7"))
show("erf", lambda u: erf(root(u)) / root(u), -1 + tiny, 1, 19)
