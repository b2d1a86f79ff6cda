import { readFileSync } from 'node:fs'

/** The package's own version; the same relative path holds in a checkout and in the published package. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
