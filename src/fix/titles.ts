/** Characters of a title that a table of 80 columns shows whole, beside its other columns. */
const WIDTH = 70

/** Of several ways to say one thing, from the fullest to the shortest, the first that a table shows whole. */
export function fitting(...titles: readonly [string, ...string[]]): string {
  return titles.find((each) => each.length <= WIDTH) ?? (titles.at(-1) as string)
}
