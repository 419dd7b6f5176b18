import { library } from "@thalweg/tsconfig/library";

export default library();
