// Saves a checkpoint again and again, until it is killed.
import { saveCheckpoint } from "@thalweg/io";
import { full } from "@thalweg/tensor";

for (let value = 1; ; value++) {
  await saveCheckpoint(process.argv[2], { value, x: full([300_000], value) });
  if (value === 1) process.stdout.write("saved\n");
}
