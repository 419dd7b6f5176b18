/**
 * The largest number that kernels count to. They count in signed 32 bits, and some go a little further. Only expanded
 * views have more elements than that.
 */
export const maxCount = 2 ** 30;

/** Linear memory is too small for a kernel, so JavaScript has to compute it. */
export class NoRoom extends Error {}
