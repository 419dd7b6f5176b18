import { library } from "@thalweg/tsconfig/library";

export default library({
  // One module each, so that bundlers leave out the CSV reader if a program does not use it.
  unbundle: true,
});
