/** Three-valued: what rests on a value that is not known is `maybe`, whichever way it would turn. */
export type Answer = 'yes' | 'no' | 'maybe'

const RANK = { no: 0, maybe: 1, yes: 2 } as const

export const either = (a: Answer, b: Answer): Answer => (RANK[a] >= RANK[b] ? a : b)
export const both = (a: Answer, b: Answer): Answer => (RANK[a] <= RANK[b] ? a : b)
export const not = (a: Answer): Answer => (a === 'yes' ? 'no' : a === 'no' ? 'yes' : 'maybe')
export const answerOf = (truth: boolean): Answer => (truth ? 'yes' : 'no')
