import type * as distributed from "@thalweg/distributed";
import type pytorch from "@thalweg/oracle/names";
import type * as testing from "@thalweg/testing";
import type * as library from "thalweg";

/** A word on a difference, in English and in Chinese. */
export type Note = readonly [en: string, zh: string];

export type Names = (typeof pytorch)["areas"];
export type Area = keyof Names;

type Exported = keyof typeof library | keyof typeof distributed | keyof typeof testing;
type MemberOf<Owner extends string, T> = `${Owner}.${keyof T & string}`;
type OurName =
  | Exported
  | MemberOf<"Tensor", library.Tensor>
  | MemberOf<"Module", library.Module>
  | MemberOf<"Optimizer", library.Optimizer>
  | `Module.${"extraRepr" | "registerBuffer" | "registerModule" | "registerParameter"}`
  | MemberOf<"init", typeof library.init>
  | MemberOf<"linalg", typeof library.linalg>
  | MemberOf<"Communicator", distributed.Communicator>
  | "Dataset"
  | "Sampler";

/**
 * What the rule of names does not tell: `_` and a letter become a capital, and a name that exists means the same. `ours` is another
 * name, `note` a difference, and a note without a name says what to use instead.
 */
export interface Entry {
  readonly ours?: OurName;
  readonly note?: Note;
}

/** What is said of some of these names. */
export type Entries<Name extends PropertyKey> = { readonly [N in Name]?: Entry };

export const other = (ours: OurName, note?: Note): Entry => (note === undefined ? { ours } : { ours, note });
export const instead = (en: string, zh = en): Entry => ({ note: [en, zh] });
