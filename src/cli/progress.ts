import { clean, shorten } from '../report/text.ts'

/** One line on standard error that says what is being done; only on a terminal, gone when done. */
export interface Progress {
  say(text: string): void
  done(): void
}

const MIN_INTERVAL_MS = 80

export function progress(quiet: boolean): Progress {
  const stream = process.stderr
  if (quiet || !stream.isTTY || process.env.TERM === 'dumb') return { say: () => {}, done: () => {} }
  let last = 0
  let shown = false
  return {
    say(text) {
      const now = performance.now()
      if (now - last < MIN_INTERVAL_MS) return
      last = now
      shown = true
      stream.write(`\r\u001b[2K${shorten(clean(text), (stream.columns || 80) - 1)}`)
    },
    done() {
      if (shown) stream.write('\r\u001b[2K')
      shown = false
    },
  }
}
