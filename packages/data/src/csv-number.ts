/** Digits can match in one way only, so matching takes linear time. */
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;
const firstGroup = /^[+-]?\d{1,3}$/;
const group = /^\d{3}$/;

/** Returns a reader of numbers with these separators; it gives NaN for other texts. */
export function numberReader(decimal: "." | ",", thousands: string | undefined): (text: string) => number {
  /** The end of the whole part. */
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
