/** Writes down what became of an entry. */
import { forgetNow } from '@/photos/forget'
import type { PersonDb } from '@/store/db'
import { isFull } from '@/store/storage'
import type { Entry, NewEntry } from './entry'
import { after, type Happened } from './machine'
import { remember } from './sent'

const touched = (db: PersonDb) => [db.queue, db.drafts, db.pictures, db.kept]

/** At the end of the queue, all of it or nothing. */
export async function append(db: PersonDb, entry: NewEntry, now: Date): Promise<void> {
  // What is handed in may be reactive; IndexedDB takes plain objects only.
  const plain = JSON.parse(JSON.stringify(entry)) as NewEntry
  const at = now.toISOString()
  await db.transaction('rw', db.queue, async () => {
    const last = await db.queue.orderBy('seq').last()
    await db.queue.add({
      ...plain,
      seq: (last?.seq ?? 0) + 1,
      bodySent: false,
      state: 'waiting',
      attempts: 0,
      nextAt: at,
      failure: null,
      createdAt: at,
    })
  })
}

/**
 * False when the entry is no longer there, because the person threw it away. Throws when the phone is full, except for
 * an entry that leaves: that needs no room.
 */
export async function write(db: PersonDb, entry: Entry, then: Entry | 'sent', now: Date): Promise<boolean> {
  if (then === 'sent') {
    try {
      return await letGo(db, entry, now)
    } catch (fault) {
      if (!isFull(fault)) throw fault
      return letGo(db, entry, null)
    }
  }
  return db.transaction('rw', db.queue, async () => {
    if (!(await db.queue.get(then.id))) return false
    await db.queue.put(then)
    return true
  })
}

/** With the pictures that nothing else names. `sentAt` null: no word is kept of its arrival. */
async function letGo(db: PersonDb, entry: Entry, sentAt: Date | null): Promise<boolean> {
  return db.transaction('rw', touched(db), async () => {
    if (!(await db.queue.get(entry.id))) return false
    await db.queue.delete(entry.id)
    await forgetNow(
      entry.pictures.map((one) => one.sha256),
      db,
    )
    if (sentAt) await remember(db, entry, sentAt)
    return true
  })
}

/** What the person does with an entry. */
export async function tell(db: PersonDb, id: string, happened: Happened, now = new Date()): Promise<void> {
  await db.transaction('rw', touched(db), async () => {
    const entry = await db.queue.get(id)
    if (!entry) return
    await write(db, entry, after(entry, happened, now), now)
    if (happened.kind === 'withoutPicture') await forgetNow([happened.sha256], db)
  })
}

/** Whether the server took nothing of it and it can go back to its form. */
export const isMendable = (entry: Entry) => entry.state === 'refused' && !entry.bodySent && entry.origin !== undefined

/**
 * Out of the queue and back into its form, under the same id. Returns the page to mend it on; 'occupied' where another
 * draft stands in that form, 'formless' where its household is not on this phone any more, 'gone' where there is nothing
 * to mend any more.
 */
export async function takeBack(db: PersonDb, id: string): Promise<{ page: string } | 'occupied' | 'formless' | 'gone'> {
  return db.transaction('rw', db.queue, db.drafts, db.households, async () => {
    const entry = await db.queue.get(id)
    if (!entry?.origin || !isMendable(entry)) return 'gone'
    const { key, form, page, household } = entry.origin
    if (household && !(await db.households.get(household))) return 'formless'
    if (await db.drafts.get(key)) return 'occupied'
    await db.drafts.put({ key, at: new Date().toISOString(), form })
    await db.queue.delete(id)
    return { page }
  })
}

/** Throws it away for good. */
export async function throwAway(db: PersonDb, id: string): Promise<void> {
  const entry = await db.queue.get(id)
  if (entry) await letGo(db, entry, null)
}
