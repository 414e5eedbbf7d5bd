/** The notices on this phone: stored before they are acknowledged, each once, and what the person did with them. */
import type { Notice, PersonDb } from '@/store/db'

/** How many notices stay on the phone, the newest; what is still to be said to the server stays besides. */
const KEPT = 500

/** A notice as it comes over the socket, which says nothing of its delivery, or over HTTP. */
export type Arrived = Omit<Notice, 'acked' | 'rung' | 'seen' | 'delivered_at'> & { delivered_at?: string | null }

/** Stores what came and returns those that were not here before. What the person did here is never undone. */
export async function keep(db: PersonDb, arrived: Arrived[]): Promise<Notice[]> {
  return db.transaction('rw', db.notices, async () => {
    const before = await db.notices.bulkGet(arrived.map((one) => one.id))
    const known = new Map(before.flatMap((one) => (one ? [[one.id, one] as const] : [])))
    const rows = new Map(arrived.map((one) => [one.id, merged(known.get(one.id), one)]))
    await db.notices.bulkPut([...rows.values()])
    return [...rows.values()].filter((row) => !known.has(row.id))
  })
}

function merged(old: Notice | undefined, came: Arrived): Notice {
  const seenAt = came.seen_at ?? old?.seen_at ?? null
  return {
    ...came,
    delivered_at: came.delivered_at ?? old?.delivered_at ?? null,
    seen_at: seenAt,
    receipted_at: came.receipted_at ?? old?.receipted_at ?? null,
    acked: (old?.acked ?? false) || came.delivered_at != null,
    rung: old?.rung ?? false,
    seen: (old?.seen ?? false) || seenAt !== null,
  }
}

export async function noteAcked(db: PersonDb, ids: number[]): Promise<void> {
  await db.notices.where('id').anyOf(ids).modify({ acked: true })
}

export async function noteRung(db: PersonDb, ids: number[]): Promise<void> {
  await db.notices.where('id').anyOf(ids).modify({ rung: true })
}

/** The person opened them; the server hears of it as soon as there is signal. */
export async function markSeen(db: PersonDb, ids: number[]): Promise<void> {
  await db.notices.where('id').anyOf(ids).modify({ seen: true })
}

export async function noteSeenAt(db: PersonDb, ids: number[], at: string): Promise<void> {
  await db.notices
    .where('id')
    .anyOf(ids)
    .modify((row: { seen: boolean; seen_at: string | null }) => {
      row.seen = true
      row.seen_at ??= at
    })
}

/** The person signed for them; the queue carries it to the server. */
export async function markReceipted(db: PersonDb, ids: number[]): Promise<void> {
  const at = new Date().toISOString()
  await db.notices
    .where('id')
    .anyOf(ids)
    .modify((row: { seen: boolean; receipted_at: string | null }) => {
      row.seen = true
      row.receipted_at ??= at
    })
}

/** The notices about one thing. */
export const idsAbout = (db: PersonDb, subject: Notice['subject'], id: string): PromiseLike<number[]> =>
  db.notices.filter((one) => one.subject === subject && one.subject_id === id).primaryKeys()

export const unsaid = {
  acks: (rows: Notice[]) => rows.filter((row) => !row.acked).map((row) => row.id),
  seen: (rows: Notice[]) => rows.filter((row) => row.seen && !row.seen_at).map((row) => row.id),
}

/** Lets go of the oldest beyond `KEPT`. */
export async function trim(db: PersonDb): Promise<void> {
  if ((await db.notices.count()) <= KEPT) return
  const old = await db.notices.orderBy('id').reverse().offset(KEPT).toArray()
  await db.notices.bulkDelete(old.filter((row) => row.acked && (!row.seen || row.seen_at)).map((row) => row.id))
}
