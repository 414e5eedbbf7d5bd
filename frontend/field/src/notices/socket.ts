/** Keeps the notices coming, for whoever is logged in, in one tab at a time; the other tabs follow the database. */
import { liveQuery } from 'dexie'
import { watch } from 'vue'
import { expire, person, type Person } from '@/store/session'
import { syncNow } from '@/sync'
import { dropMoot } from '@/tasks/moot'
import type { Notice } from '@/store/db'
import { announce } from './announce'
import { keep, noteAcked, unsaid, type Arrived } from './keep'
import { NoticeLink } from '@shared/notices/link'
import { fetchNotices, tell } from './overHttp'
import { unlockSound } from '@shared/notices/sound'

/** How often the second way is taken while the first is closed. */
const POLL_EVERY = 30_000

export function startNotices(): void {
  unlockSound()
  let stop = () => {}
  watch(
    () => [person.value?.session.username, person.value?.session.token] as const,
    () => {
      stop()
      const who = person.value
      stop = who?.session.token ? holdForThisTab(who) : () => {}
    },
    { immediate: true },
  )
}

function holdForThisTab(who: Person): () => void {
  const leaving = new AbortController()
  const untilLeft = () =>
    new Promise<void>((resolve) => {
      if (leaving.signal.aborted) return resolve()
      const stop = run(who)
      leaving.signal.addEventListener('abort', () => {
        stop()
        resolve()
      })
    })
  // A page without TLS has no locks: there every tab holds a socket, and the server lets the oldest go.
  if (navigator.locks) {
    const name = `gridwhistle:notices:${who.session.username}`
    void navigator.locks.request(name, { signal: leaving.signal }, untilLeft).catch(() => {})
  } else void untilLeft()
  return () => leaving.abort()
}

function run(who: Person): () => void {
  let socketUp = false
  let asked = false

  function came(fresh: Notice[]): void {
    if (!fresh.length) return
    void announce(who.db, fresh).catch((fault) => console.error(fault))
    // What they are about is on the server now.
    void syncNow()
  }

  /** Whatever fails here is tried again by the next round. */
  async function round(): Promise<void> {
    try {
      await fetchNotices(who, !asked, came)
      asked = true
    } catch {
      // No signal, or the token is refused: the socket and the sync say so.
    }
  }

  const link = new NoticeLink<Arrived>({
    open: () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws/notifications/`),
    token: who.session.token!,
    random: Math.random,
    store: async (items) => {
      came(await keep(who.db, items))
    },
    acked: (ids) => noteAcked(who.db, ids),
    expired: () => void expire(who.session.username, who.session.token!),
    up: (is) => {
      socketUp = is
      if (is) void round()
    },
  })
  const wake = () => {
    if (document.visibilityState !== 'visible') return
    link.nudge()
    void round()
  }
  const polling = setInterval(() => {
    if (!socketUp) void round()
  }, POLL_EVERY)
  const telling = liveQuery(async () => {
    const rows = await who.db.notices.filter((row) => row.seen && !row.seen_at).toArray()
    return unsaid.seen(rows).join()
  }).subscribe((ids) => {
    if (ids) void tell(who).catch(() => {})
  })
  const endMoot = dropMoot(who.db)
  window.addEventListener('online', wake)
  document.addEventListener('visibilitychange', wake)
  link.start()
  void round()
  return () => {
    link.stop()
    clearInterval(polling)
    telling.unsubscribe()
    endMoot()
    window.removeEventListener('online', wake)
    document.removeEventListener('visibilitychange', wake)
  }
}
