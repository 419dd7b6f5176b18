import { library } from "@thalweg/tsconfig/library";

export default library({
  entry: ["src/index.ts", "src/node.ts"],
  // Compilers spell some types by the chunk that they come from, and then by the name that they have there.
  outputOptions: { minifyInternalExports: false },
  // For `Symbol.dispose`, which programs with older libraries need not know otherwise.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
});
