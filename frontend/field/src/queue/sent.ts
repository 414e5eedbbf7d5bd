/** What arrived lately, by title and time, so that the person can see that it did. */
import type { PersonDb } from '@/store/db'
import type { Entry, EntryKind } from './entry'

export interface Sent {
  id: string
  kind: EntryKind
  title: string
  at: string
  path?: string
  /** The report's number. */
  number?: string
}

const KEY = 'sent'
const MOST = 20

export async function sentLately(db: PersonDb): Promise<Sent[]> {
  return ((await db.kept.get(KEY))?.value as Sent[] | undefined) ?? []
}

export async function remember(db: PersonDb, entry: Entry, at: Date): Promise<void> {
  const { id, kind, title, path, number } = entry
  const value = [{ id, kind, title, at: at.toISOString(), path, number }, ...(await sentLately(db))].slice(0, MOST)
  await db.kept.put({ key: KEY, value })
}
