/** Digits have one way only to match this, so that it takes a time linear in the length of the text. */
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const firstGroup = /^[+-]?\d{1,3}$/;
const group = /^\d{3}$/;

/** What reads numbers as they are written with these separators; NaN for what is not one. */
export function numberReader(decimal: "." | ",", thousands: string | undefined): (text: string) => number {
  /** Where the whole part ends. */
  const wholeEnd = (text: string) => {
    const ends = [text.indexOf(decimal), text.search(/e/i)].filter((at) => at !== -1);
    return Math.min(text.length, ...ends);
  };
  return (text) => {
    let plain = text;
    if (thousands !== undefined && text.includes(thousands)) {
      const end = wholeEnd(text);
      const [first, ...rest] = text.slice(0, end).split(thousands);
      if (!firstGroup.test(first!) || !rest.every((part) => group.test(part))) return Number.NaN;
      plain = first + rest.join("") + text.slice(end);
    }
    if (decimal === ",") {
      if (plain.includes(".")) return Number.NaN;
      plain = plain.replace(",", ".");
    }
    return number.test(plain) ? Number(plain) : Number.NaN;
  };
}
