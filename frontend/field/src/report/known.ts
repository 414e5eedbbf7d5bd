/** Items this person reports: the last ones, then those the server counted as frequent. */
import { live } from '@/store/live'
import type { Item, PersonDb } from '@/store/db'

const RECENT = 8

async function recentItems(db: PersonDb): Promise<string[]> {
  return ((await db.kept.get('recent-items'))?.value as string[] | undefined) ?? []
}

/** Codes, each once. */
export const knownItems = () =>
  live<string[]>(async ({ db }) => {
    const frequent = ((await db.kept.get('frequent'))?.value as string[] | undefined) ?? []
    return [...new Set([...(await recentItems(db)), ...frequent])]
  }, [])

/** The first `most` of them that the catalogue still has. */
export const familiar = (items: readonly Item[], known: readonly string[], most: number): Item[] =>
  known.flatMap((code) => items.find((item) => item.code === code) ?? []).slice(0, most)

export async function remember(db: PersonDb, code: string): Promise<void> {
  const before = await recentItems(db)
  await db.kept.put({ key: 'recent-items', value: [code, ...before.filter((one) => one !== code)].slice(0, RECENT) })
}
