/** What an answer means for the queue. Only one of this server that names what was sent counts as taken. */
import { isProblem } from '@shared/api/client'
import { t } from '@/words'
import type { Failure } from './entry'

export type Outcome =
  | { kind: 'taken'; number?: string }
  | { kind: 'refused'; failure: Failure }
  | { kind: 'signedOut'; failure: Failure }
  | Later

export interface Later {
  kind: 'later'
  failure: Failure
  /** Nothing else would get through either. */
  link: boolean
  /** This server itself said so. */
  ours: boolean
  /** Milliseconds, where it was said. */
  wait?: number
}

/** Where the answer must carry what. */
export type Named = { id: string; at?: string[] } | { sha256: string }

/** Why no answer of this server came; each has its words in `queue.why`. */
export type Unanswered = 'no_signal' | 'no_answer' | 'portal' | 'gateway'

const AGAIN = new Set([408, 425, 429])
const LOG_IN_TO_THE_NETWORK = 511

function failure(code: string, title: string, errors?: Failure['errors']): Failure {
  return { code, title, at: new Date().toISOString(), ...(errors?.length ? { errors } : {}) }
}

const unanswered = (code: Unanswered, wait?: number): Later => ({
  kind: 'later',
  failure: failure(code, t(`queue.why.${code}`)),
  link: true,
  ours: false,
  wait,
})

/** What `fetch`, or reading its answer, threw: no signal, or nothing came in time. */
export function unreached(fault: unknown): Later {
  return unanswered((fault as { name?: string } | null)?.name === 'AbortError' ? 'no_answer' : 'no_signal')
}

/** Throws what reading the answer throws. */
export async function judge(response: Response, named: Named): Promise<Outcome> {
  const { status } = response
  if (response.type === 'opaqueredirect') return unanswered('portal')
  const body = await jsonOf(response)
  if (response.ok) return isNamed(body, named) ? { kind: 'taken', ...numberOf(body) } : unanswered('portal')
  // Gateways speak too, some even JSON; a refusal of this server has a code and repeats its status.
  if (!isProblem(body) || body.status !== status)
    return unanswered(status < 400 || status === LOG_IN_TO_THE_NETWORK ? 'portal' : 'gateway', waitOf(response))
  const said = failure(body.code, body.title, body.errors)
  if (status === 401) return { kind: 'signedOut', failure: said }
  const again = AGAIN.has(status)
  if (again || status >= 500)
    return { kind: 'later', failure: said, link: again || status === 503, ours: true, wait: waitOf(response) }
  return { kind: 'refused', failure: said }
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (!(response.headers.get('Content-Type') ?? '').includes('json')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function waitOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get('Retry-After'))
  return seconds > 0 ? seconds * 1000 : undefined
}

/** What a report is called among people. */
function numberOf(body: unknown): { number?: string } {
  const { number } = body as { number?: unknown }
  return typeof number === 'string' ? { number } : {}
}

function isNamed(body: unknown, named: Named): boolean {
  const [path, name] = 'id' in named ? [named.at ?? ['id'], named.id] : [['sha256'], named.sha256]
  const said = path.reduce<unknown>((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], body)
  return said !== undefined && said !== null && String(said) === name
}
