/** A header’s name that no configuration takes for syntax of its own; undefined for what is none. */
export function headerName(text: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(text) ? text : undefined
}
