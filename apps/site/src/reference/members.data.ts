import { type Group, groupsOf, listedPackages } from "./members";

/** The names of each package, by the address of its page. */
type Members = Readonly<Record<string, readonly Group[]>>;

declare const data: Members;

export { data };

export default {
  /** Runs when the site is built. */
  load: (): Members => Object.fromEntries(listedPackages().map((one) => [one.link, groupsOf(one)])),
};
