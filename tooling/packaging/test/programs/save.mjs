// Reads a file and saves it twice, as far as it has permission.
import { loadCheckpoint, saveCheckpoint } from "thalweg";

const [from, to] = process.argv.slice(2);
const parts = await loadCheckpoint(from);
try {
  for (let i = 0; i < 2; i++) await saveCheckpoint(to, parts);
  console.log("saved");
} catch (error) {
  console.log(error.name, error.message);
}
