import { library } from "@thalweg/tsconfig/library";

export default library({
  entry: ["src/index.ts", "src/internal.ts"],
});
