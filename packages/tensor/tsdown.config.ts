import { library } from "@thalweg/tsconfig/library";

export default library({
  entry: ["src/index.ts", "src/internal.ts", "src/node.ts", "src/more.ts", "src/webgpu.ts"],
  // Compilers spell some types by the chunk that they come from, and then by the name that they have there.
  outputOptions: { minifyInternalExports: false },
  plugins: [
    {
      // Programs know the module that is extended by the name of the package alone.
      name: "extended-module",
      renderChunk: {
        order: "post",
        handler: (code) => code.replace('declare module "./methods"', 'declare module "@thalweg/tensor"'),
      },
    },
  ],
  // For `Symbol.dispose`, which programs with older libraries need not know otherwise.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
});
