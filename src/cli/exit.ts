/** Exit codes (docs/reference/cli.md). Of several: 2, 5, 3, 4, 1. */
export const EXIT = { ok: 0, findings: 1, usage: 2, partial: 3, breaks: 4, unreachable: 5, interrupted: 130 } as const

/** What the caller of the command line got wrong: a flag, a file of settings, a name. */
export class UsageError extends Error {}
