/** Keeps what the server gives up to date: at the start, when the signal returns, after something was sent, and now and then. */
import { ref, watch } from 'vue'
import { Refused, Unreachable } from '@shared/api/client'
import { liveQuery } from 'dexie'
import type { Entry } from '@/queue/entry'
import { forgetOldAnswers } from '@/store/answers'
import { live } from '@/store/live'
import { expire, person } from '@/store/session'
import { pull } from './pull'

const EVERY_MS = 3 * 60_000

/** Whether the server is being asked now, and whether the last question was in vain. */
export const syncing = ref(false)
export const outOfReach = ref(false)

let underway: Promise<void> | null = null
let again = false

async function once(): Promise<void> {
  const who = person.value
  const token = who?.session.token
  if (!who || !token) return
  const ask = async () => {
    try {
      await pull(who.db, who.api)
      outOfReach.value = false
    } catch (fault) {
      if (fault instanceof Refused && fault.problem.status === 401) return expire(who.session.username, token)
      // Whoever has left meanwhile has closed the database.
      if (person.value?.db !== who.db) return
      if (!(fault instanceof Unreachable)) console.error(fault)
      outOfReach.value = true
    }
  }
  // Two tabs would ask for the same twice.
  if (navigator.locks) await navigator.locks.request(`gridwhistle:sync:${who.session.username}`, ask)
  else await ask()
}

/** Asks now; a question asked meanwhile is asked once more afterwards. */
export function syncNow(): Promise<void> {
  if (underway) {
    again = true
    return underway
  }
  syncing.value = true
  underway = once().finally(() => {
    underway = null
    syncing.value = false
    if (again) {
      again = false
      void syncNow()
    }
  })
  return underway
}

/** When this server last answered, ISO 8601. To be called while a part is being set up. */
export const useLastContact = () =>
  live(async ({ db }) => ((await db.kept.get('contact'))?.value as string | undefined) ?? null, null)

/** Falls with each step the server took, also of an entry that still waits for a picture. */
const outstanding = (entries: Entry[]) => entries.reduce((sum, { bodySent }) => sum + (bodySent ? 1 : 2), 0)

/** As long as the app is open. */
export function startSync(): void {
  const visible = () => document.visibilityState === 'visible'
  watch(
    () => person.value?.session.token,
    (token) => token && void syncNow().then(forgetOldAnswers),
    { immediate: true },
  )
  addEventListener('online', () => void syncNow())
  document.addEventListener('visibilitychange', () => visible() && void syncNow())
  setInterval(() => visible() && void syncNow(), EVERY_MS)

  // What was sent has changed what the server would say.
  let stop = () => {}
  watch(
    () => person.value?.db,
    (db) => {
      stop()
      if (!db) return
      let before: number | null = null
      const following = liveQuery(async () => outstanding(await db.queue.toArray())).subscribe({
        next: (count) => {
          if (before !== null && count < before) void syncNow()
          before = count
        },
        error: () => {},
      })
      stop = () => following.unsubscribe()
    },
    { immediate: true },
  )
}
