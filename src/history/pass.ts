import type { Access, History } from './history.ts'

/** Something that is made of all requests of a history. Folds never keep an `Access`: it holds its text. */
export interface Fold {
  add(access: Access): void
}

/** Gives each recorded request to every fold, in one reading of the logs. */
export async function passOver(history: Pick<History, 'accesses'>, folds: readonly Fold[]): Promise<void> {
  for await (const batch of history.accesses({ passing: true })) addAll(batch, folds)
}

/** Apart from the waiting for batches, which is compiled worse. */
function addAll(batch: readonly Access[], folds: readonly Fold[]): void {
  for (let at = 0; at < batch.length; at++)
    for (let index = 0; index < folds.length; index++) (folds[index] as Fold).add(batch[at] as Access)
}
