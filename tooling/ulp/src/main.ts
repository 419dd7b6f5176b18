import { functions } from "./functions";
import { measure } from "./measure";

const [step = "1", ...names] = process.argv.slice(2);

for (const measured of functions) {
  if (names.length > 0 && !names.includes(measured.name)) continue;
  const { worst, at, wrong, count } = measure(measured, Number(step));
  const share = ((100 * wrong) / count).toFixed(2);
  console.log(`| ${measured.name} | ${worst.toFixed(3)} | ${at.join(", ")} | ${share} % |`);
}
