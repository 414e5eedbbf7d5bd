/** The loop that sends the queue of whoever is logged in, as long as the app is open. */
import { liveQuery } from 'dexie'
import { watch } from 'vue'
import type { PersonDb } from '@/store/db'
import { expire, person, type Person } from '@/store/session'
import { language } from '@/store/settings'
import { isFull } from '@/store/storage'
import { isAhead, readyOf } from './machine'
import { tell } from './record'
import { endRest, restOf } from './rest'
import { alone } from './right'
import { Sender } from './sender'

const AFTER_FAULT_MS = 10_000

/** All that wait are tried now, in their order, however long they were to wait. */
export async function hurry(db: PersonDb): Promise<void> {
  await endRest(db)
  const waiting = await db.queue.where('state').equals('waiting').toArray()
  try {
    for (const { id } of waiting.filter((entry) => entry.attempts > 0)) await tell(db, id, { kind: 'retried' })
  } catch (fault) {
    // On a full phone each goes when it is due.
    if (!isFull(fault)) throw fault
  }
}

/** Sends as long as the app is open, whoever is logged in. */
export function startSender(): void {
  let stop = () => {}
  watch(
    () => person.value?.db,
    () => {
      stop()
      stop = person.value ? sendFor(person.value) : () => {}
    },
    { immediate: true },
  )
}

/** Returns how to stop. */
export function sendFor({ session: { username }, db }: Person): () => void {
  const isHere = () => person.value?.db === db
  const token = () => (isHere() ? person.value!.session.token : null)
  const sender = new Sender({
    db,
    token,
    language: () => language.value,
    fetch: (...asked) => fetch(...asked),
    now: () => new Date(),
    random: Math.random,
    expired: (old) => expire(username, old),
  })
  const leaving = new AbortController()
  let wake = () => {}

  async function work(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => wake())
    while (!signal.aborted) {
      // Taken before the queue is read, so that nothing is missed in between.
      const woken = new Promise<void>((resolve) => (wake = resolve))
      const at = await sender
        .recover()
        .then(() => sender.run())
        // The phone's database was away for a moment; what is in it is not.
        .catch(() => new Date(Date.now() + AFTER_FAULT_MS).toISOString())
      const pause = at === null ? null : Math.max(0, new Date(at).getTime() - Date.now())
      const timer = pause === null ? undefined : setTimeout(() => wake(), pause)
      if (!signal.aborted) await woken
      clearTimeout(timer)
    }
  }

  // A new entry, or one the person retries, wakes it, in whichever tab it happens.
  const asked = async () => {
    const resting = await restOf(db)
    const now = new Date()
    if (resting && isAhead(resting.until, now)) return false
    return readyOf(await db.queue.orderBy('seq').toArray(), now).ready.length > 0
  }
  const rows = liveQuery(asked).subscribe({ next: (some) => some && wake(), error: () => {} })
  const signedIn = watch(token, () => wake())
  const again = () => void (isHere() && hurry(db).catch(() => {}))
  const seen = () => document.visibilityState === 'visible' && again()
  addEventListener('online', again)
  document.addEventListener('visibilitychange', seen)
  again()
  void alone(`gridwhistle:${username}`, leaving.signal, work).catch(console.error)

  return () => {
    leaving.abort()
    rows.unsubscribe()
    signedIn()
    removeEventListener('online', again)
    document.removeEventListener('visibilitychange', seen)
  }
}
