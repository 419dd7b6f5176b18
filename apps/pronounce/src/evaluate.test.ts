import { describe, expect, it } from "vitest";
import { errorRates, judged } from "./evaluate";

const word = {
  spelling: "read",
  sounds: [
    ["R", "EH", "D"],
    ["R", "IY", "D", "Z"],
  ],
};

describe("a sound", () => {
  it.each([
    ["R EH D", 0, 3],
    ["R IY D Z", 0, 4],
    ["R IY D", 1, 3],
    ["R IY Z", 1, 4],
    ["", 3, 3],
    ["R AY D Z S", 2, 4],
  ])("is judged by the nearest right one: %s", (text, errors, length) => {
    const sound = text === "" ? [] : text.split(" ");
    expect(judged(word, sound)).toEqual({ word, sound, errors, length });
  });

  it("counts by its phonemes, and as one word", () => {
    const readings = ["R EH D", "", "R IY Z"].map((text) => judged(word, text === "" ? [] : text.split(" ")));
    expect(errorRates(readings)).toEqual({ phonemes: 4 / 10, words: 2 / 3 });
  });
});
