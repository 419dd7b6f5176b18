import { offer } from "../../engine/offer";
import { program } from "./program";

offer(program);
