import type { Join } from './check.ts'

/** Every check that needs several objects, each in the engine that owns the join. */
export const JOINS: readonly Join[] = []
