/**
 * Carries the queue to the server, one request at a time. What happened is stored before and after each request, so the
 * app may be killed at any point: what was begun is simply sent again, under the same id.
 */
import type { PersonDb } from '@/store/db'
import { isFull } from '@/store/storage'
import { judge, unreached, type Named, type Outcome } from './answers'
import type { Entry, Failure, PictureToSend } from './entry'
import { after, isAhead, readyOf, type Happened } from './machine'
import { write } from './record'
import { endRest, rest, restOf } from './rest'

/** What the sender needs of the world; the tests give it another one. */
export interface Around {
  db: PersonDb
  /** Null: the person must log in first. */
  token: () => string | null
  language: () => string
  fetch: typeof fetch
  now: () => Date
  random: () => number
  /** The server no longer takes this token. */
  expired: (token: string) => Promise<void>
}

const BODY_MS = 30_000
const PICTURE_MS = 120_000
/**
 * So often in vain, an entry may be at fault itself, as a picture too big for a thin link: another is tried beside it. A
 * text alone hardly ever is, and keeps its turn for longer.
 */
const SUSPECT = { picture: 3, text: 8 }

export class Sender {
  /** What could not be stored on a full phone, beside the row as it stands. */
  private readonly unstored = new Map<string, { row: string; entry: Entry }>()

  constructor(private readonly around: Around) {}

  /** Puts right what a killed app left behind. Only for whoever holds the right to send. */
  async recover(): Promise<void> {
    for (const entry of await this.around.db.queue.where('state').equals('sending').toArray())
      await this.record(entry, { kind: 'restarted' })
  }

  /** Sends what can be sent. Returns when to come again (ISO 8601), null when only a change or a log-in can help. */
  async run(): Promise<string | null> {
    const { db, now } = this.around
    let inVain: Entry | null = null
    const again = new Set<string>()
    for (;;) {
      const token = this.around.token()
      if (token === null) return null
      const resting = await restOf(db)
      if (resting && isAhead(resting.until, now())) return resting.until
      const { ready, at } = readyOf(await this.entries(), now())
      const entry = inVain ? leastTried(ready) : ready[0]
      if (!entry) return inVain ? this.pause(inVain) : at
      const { outcome, then } = await this.attempt(entry, token)
      if (outcome.kind === 'signedOut') {
        await this.around.expired(token)
        return null
      }
      if (outcome.kind !== 'later' || !outcome.link) {
        // The link is up. If it has only just come back the older entry keeps its turn; else it shows itself at fault.
        if (inVain && !again.has(inVain.id)) {
          again.add(inVain.id)
          await this.record(inVain, { kind: 'notReached', failure: inVain.failure!, wait: 0 })
        }
        inVain = null
        if (resting) await endRest(db)
      } else if (then && !again.has(then.id)) {
        if (inVain || then.attempts < suspectAfter(then)) return this.pause(inVain ?? then)
        inVain = then
      }
    }
  }

  private async pause({ nextAt, failure }: Entry): Promise<string> {
    await rest(this.around.db, { until: nextAt, code: failure?.code ?? '' })
    return nextAt
  }

  /** In the order of sending, with what could not be stored. */
  private async entries(): Promise<Entry[]> {
    return (await this.around.db.queue.orderBy('seq').toArray()).map((row) => {
      const known = this.unstored.get(row.id)
      if (known?.row === JSON.stringify(row)) return known.entry
      this.unstored.delete(row.id)
      return row
    })
  }

  /** `then`: the entry afterwards, null when it has left. */
  private async attempt(entry: Entry, token: string): Promise<{ outcome: Outcome; then: Entry | null }> {
    let then = await this.record(entry, { kind: 'begun' })
    let outcome: Outcome = { kind: 'taken' }
    if (then && !then.bodySent) {
      const named = { id: then.names, at: then.namedAt }
      outcome = await this.request(then.method, then.path, JSON.stringify(then.body), 'application/json', token, named)
      if (outcome.kind === 'taken') {
        const { number } = outcome
        then = await this.record({ ...then, ...(number ? { number } : {}) }, { kind: 'bodyTaken' })
      }
    }
    // A picture the server does not take costs only itself.
    let refused: Failure | null = null
    for (const picture of then?.pictures.filter((one) => !one.sent) ?? []) {
      if (outcome.kind !== 'taken' || !then) break
      const answer = await this.sendPicture(picture, token)
      if (answer.kind === 'taken') then = await this.record(then, { kind: 'pictureTaken', sha256: picture.sha256 })
      else if (answer.kind === 'refused') refused ??= { ...answer.failure, picture: picture.sha256 }
      else outcome = answer
    }
    if (refused && outcome.kind === 'taken') outcome = { kind: 'refused', failure: refused }
    if (!then || outcome.kind === 'taken') return { outcome, then }
    const { failure } = outcome
    if (outcome.kind === 'refused') then = await this.record(then, { kind: 'refused', failure })
    // A token that has ended is no fault of the entry: it goes first after the log-in.
    else if (outcome.kind === 'signedOut') then = await this.record(then, { kind: 'notReached', failure, wait: 0 })
    else then = await this.record(then, { kind: 'notReached', failure, wait: outcome.wait })
    return { outcome, then }
  }

  private async sendPicture({ sha256, path }: PictureToSend, token: string): Promise<Outcome> {
    const kept = await this.around.db.pictures.get(sha256)
    // Without its bytes it can never be sent; the person decides.
    if (!kept)
      return { kind: 'refused', failure: { code: 'picture_gone', title: '', at: this.around.now().toISOString() } }
    const bytes = new Blob([kept.bytes], { type: 'image/jpeg' })
    return this.request('PUT', path, bytes, 'image/jpeg', token, { sha256 })
  }

  private async request(
    method: string,
    path: string,
    body: BodyInit,
    type: string,
    token: string,
    named: Named,
  ): Promise<Outcome> {
    const given = new AbortController()
    const timer = setTimeout(() => given.abort(), 'id' in named ? BODY_MS : PICTURE_MS)
    let outcome: Outcome
    try {
      const response = await this.around.fetch(`/api/v1/${path}`, {
        method,
        headers: {
          Authorization: `Token ${token}`,
          'Content-Type': type,
          'Accept-Language': this.around.language(),
        },
        body,
        redirect: 'manual',
        cache: 'no-store',
        signal: given.signal,
      })
      outcome = await judge(response, named)
    } catch (fault) {
      outcome = unreached(fault)
    } finally {
      clearTimeout(timer)
    }
    // No answer is worth less because this could not be written.
    if (outcome.kind !== 'later' || outcome.ours)
      await this.around.db.kept.put({ key: 'contact', value: this.around.now().toISOString() }).catch(() => {})
    return outcome
  }

  /** Stores what happened; null when the entry has left, because it was sent or the person threw it away. */
  private async record(entry: Entry, happened: Happened): Promise<Entry | null> {
    const { db, now, random } = this.around
    const then = after(entry, happened, now(), random)
    try {
      const there = await write(db, entry, then, now())
      this.unstored.delete(entry.id)
      return there && then !== 'sent' ? then : null
    } catch (fault) {
      if (!isFull(fault) || then === 'sent') throw fault
      // Sending makes room, and sending twice does no harm: it goes on with what is known here.
      const row = await db.queue.get(entry.id)
      if (!row) return null
      this.unstored.set(entry.id, { row: JSON.stringify(row), entry: then })
      return then
    }
  }
}

const leastTried = (ready: readonly Entry[]): Entry | undefined =>
  ready.reduce<Entry | undefined>((least, one) => (least && least.attempts <= one.attempts ? least : one), undefined)

const suspectAfter = ({ pictures }: Entry) => (pictures.some((one) => !one.sent) ? SUSPECT.picture : SUSPECT.text)
