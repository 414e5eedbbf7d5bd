/**
 * The life of an entry, as a function of what happened: no clock, no network and no database in here. An entry is 'sent'
 * only when the server has named it and each of its pictures; every other event leaves it in the queue.
 */
import type { Entry, Failure } from './entry'

export type Happened =
  | { kind: 'begun' }
  | { kind: 'bodyTaken' }
  | { kind: 'pictureTaken'; sha256: string }
  /** No answer that counts came; `wait` in milliseconds where the server asked for it. */
  | { kind: 'notReached'; failure: Failure; wait?: number }
  | { kind: 'refused'; failure: Failure }
  /** The app was closed during an attempt: whether it arrived is not known, so it is sent again. */
  | { kind: 'restarted' }
  /** The person, or a signal that came back, asks for it now. */
  | { kind: 'retried' }
  /** The person goes on without a picture the server does not take. */
  | { kind: 'withoutPicture'; sha256: string }

const FIRST_PAUSE = 2_000
const LONGEST_PAUSE = 5 * 60_000
const SHORTEST_PAUSE = 500
/** However long a server asks to be left alone; a moment later than this was set by a clock that was wrong. */
export const LONGEST_WAIT = 60 * 60_000

/** Milliseconds until the next attempt: doubling, with full jitter, so that a street's phones do not come back at once. */
export function pauseAfter(attempts: number, random: number): number {
  const ceiling = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(attempts - 1, 20))
  return Math.max(SHORTEST_PAUSE, Math.round(ceiling * random))
}

/** The entry afterwards, or 'sent' when it may leave. */
export function after(entry: Entry, happened: Happened, now: Date, random: () => number = Math.random): Entry | 'sent' {
  switch (happened.kind) {
    case 'begun':
      return { ...entry, state: 'sending', attempts: entry.attempts + 1 }
    case 'bodyTaken':
      return ifDone({ ...entry, bodySent: true })
    case 'pictureTaken':
      return ifDone({
        ...entry,
        pictures: entry.pictures.map((one) => (one.sha256 === happened.sha256 ? { ...one, sent: true } : one)),
      })
    case 'notReached': {
      const asked = happened.wait ?? pauseAfter(Math.max(1, entry.attempts), random())
      return {
        ...entry,
        state: 'waiting',
        failure: happened.failure,
        nextAt: new Date(now.getTime() + Math.min(asked, LONGEST_WAIT)).toISOString(),
      }
    }
    case 'refused':
      return { ...entry, state: 'refused', failure: happened.failure }
    case 'restarted':
      return entry.state === 'sending' ? { ...entry, state: 'waiting', nextAt: now.toISOString() } : entry
    case 'retried':
      return entry.state === 'sending' ? entry : { ...entry, state: 'waiting', attempts: 0, nextAt: now.toISOString() }
    case 'withoutPicture':
      return ifDone({
        ...entry,
        state: 'waiting',
        attempts: 0,
        nextAt: now.toISOString(),
        failure: null,
        pictures: entry.pictures.filter((one) => one.sha256 !== happened.sha256),
      })
  }
}

const ifDone = (entry: Entry): Entry | 'sent' =>
  entry.bodySent && entry.pictures.every((one) => one.sent) ? 'sent' : entry

/** Whether a moment set earlier is still to be waited for. */
export function isAhead(at: string, now: Date): boolean {
  const wait = new Date(at).getTime() - now.getTime()
  return wait > 0 && wait <= LONGEST_WAIT
}

/**
 * What may be sent now, and when to look again if nothing may (null: nothing waits). `entries` in the order of sending,
 * which `ready` keeps. What waits, is being sent or was refused holds up its own chain and nothing else.
 */
export function readyOf(entries: readonly Entry[], now: Date): { ready: Entry[]; at: string | null } {
  const held = new Set<string>()
  const ready: Entry[] = []
  let at: string | null = null
  for (const entry of entries) {
    if (held.has(entry.chain)) continue
    held.add(entry.chain)
    if (entry.state !== 'waiting') continue
    if (!isAhead(entry.nextAt, now)) ready.push(entry)
    else if (at === null || entry.nextAt < at) at = entry.nextAt
  }
  return { ready, at }
}
