/** While the link is down the whole queue rests, in every tab: known to all by a row. */
import type { PersonDb } from '@/store/db'
import { isFull } from '@/store/storage'

export interface Rest {
  /** ISO 8601. */
  until: string
  /** Why, as in `queue.why`, or the server's own code. */
  code: string
}

const KEY = 'rest'

export async function restOf(db: PersonDb): Promise<Rest | null> {
  return ((await db.kept.get(KEY))?.value as Rest | undefined) ?? null
}

/** On a full phone it is not known to other tabs; who calls rests all the same. */
export async function rest(db: PersonDb, value: Rest): Promise<void> {
  try {
    await db.kept.put({ key: KEY, value })
  } catch (fault) {
    if (!isFull(fault)) throw fault
  }
}

export async function endRest(db: PersonDb): Promise<void> {
  await db.kept.delete(KEY)
}
