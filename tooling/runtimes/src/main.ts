import { program } from "./program";

console.log(JSON.stringify(await program(process.argv[2]!)));
