import type { Access, History } from './history.ts'

/** Something that is made of all requests of a history. Folds never keep an `Access`: it holds its text. */
export interface Fold {
  add(access: Access): void
}

/** Gives each recorded request to every fold, in one reading of the logs. */
export async function passOver(history: Pick<History, 'accesses'>, folds: readonly Fold[]): Promise<void> {
  const [only] = folds
  for await (const batch of history.accesses({ passing: true })) {
    if (only && folds.length === 1) for (const access of batch) only.add(access)
    else for (const access of batch) for (const fold of folds) fold.add(access)
  }
}
