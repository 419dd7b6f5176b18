import { offer } from "./offer";

/** Those of the lesson. Others have workers of their own: what they need of the library would make this one larger. */
const programs = import.meta.glob<{ program: object }>([
  "../figures/*/program.ts",
  "!../figures/{classifier,digits}/program.ts",
]);

// The worker has the name of its figure.
const { program } = await programs[`../figures/${self.name}/program.ts`]!();
offer(program);
