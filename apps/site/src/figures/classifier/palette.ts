import { useData } from "vitepress";
import { onMounted, type Ref, type ShallowRef, shallowRef, watch } from "vue";

/** Colours of values from -1 to 1, as pixels of a canvas. */
export type Palette = Uint32Array;

const steps = 255;

type Color = readonly [red: number, green: number, blue: number];

const colorOf = (hex: string): Color => {
  const value = Number.parseInt(hex.trim().slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
};

function paletteOf(negative: Color, zero: Color, positive: Color): Palette {
  const bytes = new Uint8ClampedArray(4 * (steps + 1));
  for (let i = 0; i <= steps; i++) {
    const value = (2 * i) / steps - 1;
    const end = value < 0 ? negative : positive;
    const mixed = zero.map((from, k) => from + Math.abs(value) * (end[k]! - from));
    bytes.set([...mixed, 255], 4 * i);
  }
  return new Uint32Array(bytes.buffer);
}

/** The pixel of a value; what is no number is as 0. */
export function pixelOf(palette: Palette, value: number): number {
  const within = Math.max(-1, Math.min(1, value || 0));
  return palette[Math.round(((within + 1) / 2) * steps)]!;
}

/** The palette of the signs, in the scheme of the page; undefined before the component is on it. */
export function usePalette(element: Ref<HTMLElement | null>): Readonly<ShallowRef<Palette | undefined>> {
  const { isDark } = useData();
  const palette = shallowRef<Palette>();
  onMounted(() =>
    watch(
      isDark,
      () => {
        const style = getComputedStyle(element.value!);
        const token = (name: string) => colorOf(style.getPropertyValue(`--figure-${name}`));
        palette.value = paletteOf(token("negative"), token("zero"), token("positive"));
      },
      { immediate: true, flush: "post" },
    ),
  );
  return palette;
}
