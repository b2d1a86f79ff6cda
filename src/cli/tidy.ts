import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MEBIBYTE } from '../observe/files/source.ts'

/** A plan makes as much garbage as it judges clusters, and V8 would rather grow than look for it. */
const LEAST_HEAP = 160 * MEBIBYTE
const GARBAGE = 1.5

export function tidying(): () => void {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  let most = LEAST_HEAP
  return () => {
    if (process.memoryUsage().heapUsed < most) return
    collect()
    most = Math.max(LEAST_HEAP, GARBAGE * process.memoryUsage().heapUsed)
  }
}
