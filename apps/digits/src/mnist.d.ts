/** The digits of the package `mnist`, which has no types of its own. */
declare module "mnist" {
  const digits: {
    readonly [digit: number]: {
      /** Pixels from 0 to 1, 784 for each image. */
      readonly raw: readonly number[];
      /** Number of images. */
      readonly length: number;
    };
  };
  export default digits;
}
