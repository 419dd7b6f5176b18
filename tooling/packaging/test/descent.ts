/** Mean squared errors of 20 gradient steps on y = 2x + 1 from `weight` and `bias`, without the library. */
export function descent(weight: number, bias: number): number[] {
  const x = [1, 2, 3, 4];
  const y = [3, 5, 7, 9];
  return Array.from({ length: 20 }, () => {
    const errors = x.map((value, i) => weight * value + bias - y[i]!);
    weight -= 0.01 * mean(errors.map((error, i) => 2 * error * x[i]!));
    bias -= 0.01 * mean(errors.map((error) => 2 * error));
    return mean(errors.map((error) => error * error));
  });
}

function mean(values: number[]) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
