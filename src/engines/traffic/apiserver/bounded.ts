const MOST = 200

/** Text that is kept for as long as a fold: a log may hold names of any length. A copy, which keeps no longer text alive. */
export function bounded(text: string): string {
  return text.length <= MOST ? text : ` ${text.slice(0, MOST)}…`.slice(1)
}
