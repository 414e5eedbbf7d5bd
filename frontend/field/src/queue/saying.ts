/** An entry in plain words. */
import { t, te } from '@/words'
import { whenInWords } from '@/words/when'
import type { Entry } from './entry'
import { isAhead } from './machine'
import type { Rest } from './rest'
import type { Sent } from './sent'

/** In today's language where the words are ours; else as the server said it. */
const whyOf = (code: string, title = '') => (te(`queue.why.${code}`) ? t(`queue.why.${code}`) : title)

/** Why it has not arrived, with the field at fault where the server named one. */
export function reasonOf(entry: Entry): string {
  const { failure } = entry
  if (!failure) return ''
  const title = whyOf(failure.code, failure.title)
  const faults = (failure.errors ?? []).map((one) => one.message).filter((message) => message !== failure.title)
  const said = [title, ...faults].join(' ')
  return failure.picture ? t('queue.pictureAtFault', { why: said }) : said
}

/** The server has it, but for a picture that it does not take. */
export const onlyLacksPicture = ({ state, bodySent }: Entry) => state === 'refused' && bodySent

/** In a line beside the matter it is about. */
export function briefOf(entry: Entry): string {
  const { state, bodySent } = entry
  const how = !bodySent ? state : state === 'refused' ? 'pictureRefused' : 'pictures'
  return t(`queue.forMatter.${how}`, { why: reasonOf(entry), ...countOf(entry) })
}

/** After a form: whether it has arrived. `entry` as it stands in the queue, or `sent` once it has left. */
export function arrivalOf(entry: Entry | undefined, sent: Sent | undefined, online: boolean): string {
  if (sent) return sent.number ? t('queue.arrival.number', { number: sent.number }) : ''
  if (!entry) return ''
  if (entry.state === 'refused') return briefOf(entry)
  if (entry.bodySent) return t('queue.arrival.pictures', countOf(entry))
  if (entry.state === 'sending') return t('queue.arrival.sending')
  return t(online && entry.attempts === 0 ? 'queue.standing.next' : 'common.byItself')
}

const countOf = ({ pictures }: Entry) => ({ sent: pictures.filter((one) => one.sent).length, all: pictures.length })

export function progressOf(entry: Entry): string {
  const said = [t(entry.bodySent ? 'queue.progress.body' : 'queue.progress.bodyWaiting')]
  if (entry.pictures.length) said.push(t('queue.progress.pictures', countOf(entry)))
  return said.join(' · ')
}

/** What an entry that waits depends on besides itself. */
export interface Surroundings {
  signedIn: boolean
  rest: Rest | null
  /** The entries of the queue, in the order of sending. */
  entries: readonly Entry[]
  now: Date
}

/** What is to be known of one that is not refused: that it is on its way, or why not and when it will be. */
export function standingOf(entry: Entry, { signedIn, rest, entries, now }: Surroundings): string {
  if (!signedIn) return t('queue.standing.signedOut')
  if (entry.state === 'sending') return t('queue.standing.sending')
  const before = entries.find((one) => one.chain === entry.chain && one.seq < entry.seq)
  if (before)
    return t(`queue.standing.${before.state === 'refused' ? 'afterRefused' : 'after'}`, { title: before.title })
  const resting = rest && isAhead(rest.until, now) ? rest : null
  const own = entry.attempts > 0 ? reasonOf(entry) : ''
  const why = own || (resting && whyOf(resting.code, t('queue.why.gateway'))) || ''
  const at = [entry.nextAt, resting?.until ?? '']
    .filter((one) => one && isAhead(one, now))
    .sort()
    .at(-1)
  if (!at) return [why, t('queue.standing.next')].filter(Boolean).join(' · ')
  return [why, t('queue.nextTry', { at: whenInWords(at, now) })].filter(Boolean).join(' · ')
}

const TEXTS = ['description', 'address', 'measures', 'measure', 'note', 'leader', 'discussed_with']
const MOMENTS = ['captured_at', 'visited_at', 'started_at', 'ended_at', 'taken_up_at', 'solved_by']

/** What it says, line by line: what a person wrote or chose, without what only the server needs. */
export function contentOf(entry: Entry): string[] {
  const { body, pictures } = entry
  const line = (name: string, value: unknown) => t('queue.content.line', { name: t(`queue.content.${name}`), value })
  const lines = TEXTS.flatMap((name) => (isText(body[name]) ? [line(name, body[name])] : []))
  // Elsewhere it is a code.
  if (/^assignments\//.test(entry.path) && isText(body.reason)) lines.push(line('reason', body.reason))
  if (typeof body.confirmed === 'boolean') lines.push(line('finding', t(`common.${body.confirmed ? 'yes' : 'no'}`)))
  if (isText(body.result) && te(`visits.results.${body.result}`))
    lines.push(line('result', t(`visits.results.${body.result}`)))
  const requester = (body.requester ?? {}) as { name?: string; phone?: string }
  const who = [requester.name, requester.phone].filter(Boolean).join(' ')
  if (who) lines.push(line('requester', who))
  lines.push(...MOMENTS.flatMap((name) => (isText(body[name]) ? [line(name, whenInWords(body[name]))] : [])))
  if (pictures.length) lines.push(t('queue.content.pictures', { n: pictures.length }, pictures.length))
  return lines
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''
