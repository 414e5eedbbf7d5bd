/** Which notices ring: a call that nobody here has answered, told until it is answered or over. */
import type { FieldCheck, Notice, Task } from '@/store/db'
import { fromNotice, fromTask, paramsOf, type Matter } from '@/tasks/matter'

const HOUR = 3_600_000
/** After that a call is in the list only. */
const RINGS_FOR = 24 * HOUR

const CALLS = ['whistle_blown', 'assignment_issued', 'field_check_asked', 'unanswered']
const CALLED_OFF: Record<string, string> = {
  whistle_withdrawn: 'whistle',
  duty_waived: 'report',
  duty_taken_back: 'report',
  report_closed: 'report',
  field_check_cancelled: 'check',
}

export interface Ringing {
  notice: Notice
  form: 'whistle' | 'duty' | 'check' | 'unanswered'
  /** Null for a check and for what others did not answer. */
  matter: Matter | null
  check: FieldCheck | null
  due: string | null
  yellow: string | null
}

export interface Known {
  notices: Notice[]
  tasks: Map<number, Task>
  checks: Map<number, FieldCheck>
  /** The server's time at the last sync; null before the first. */
  syncedAt: string | null
}

/** Urgent and emergency calls not answered yet; emergencies first, then what is due first. `now` in milliseconds. */
export function ringing(known: Known, now: number): Ringing[] {
  const over = calledOff(known.notices)
  return known.notices
    .filter((notice) => isCall(notice) && !isAnswered(notice, known) && !isOver(notice, over))
    .filter((notice) => !known.notices.some((other) => calledAgain(notice, other)))
    .filter((notice) => now - Date.parse(notice.created_at) < RINGS_FOR)
    .map((notice) => asRinging(notice, known))
    .sort((a, b) => rank(a) - rank(b) || (a.due ?? '9').localeCompare(b.due ?? '9') || b.notice.id - a.notice.id)
}

const isCall = (notice: Notice) => CALLS.includes(notice.kind) && notice.urgency !== 'normal'

const rank = (one: Ringing) => (one.notice.urgency === 'emergency' ? 0 : 1)

function isAnswered(notice: Notice, { tasks, checks, syncedAt }: Known): boolean {
  if (notice.receipted_at) return true
  if (notice.kind === 'unanswered') return notice.seen
  const synced = syncedAt !== null && Date.parse(syncedAt) > Date.parse(notice.created_at)
  // Only the one asked has the check in the list; a duty is not listed for leaders who are merely told of it.
  if (notice.kind === 'field_check_asked') return synced && !checks.has(Number(notice.subject_id))
  const task = tasks.get(Number(notice.subject_id))
  return task !== undefined && task.status !== 'issued'
}

/** What was called off: kind of subject and its key → the latest notice that says so. */
function calledOff(notices: Notice[]): Map<string, number> {
  const over = new Map<string, number>()
  for (const notice of notices) {
    const what = CALLED_OFF[notice.kind]
    if (!what) continue
    const key = `${what}:${what === 'report' ? paramsOf(notice).report : notice.subject_id}`
    over.set(key, Math.max(over.get(key) ?? 0, notice.id))
  }
  return over
}

function isOver(notice: Notice, over: Map<string, number>): boolean {
  const { whistle, report } = paramsOf(notice)
  const keys = [`whistle:${whistle}`, `report:${report}`, `check:${notice.subject_id}`]
  const about = notice.kind === 'field_check_asked' ? keys.slice(1) : keys.slice(0, 2)
  return about.some((key) => (over.get(key) ?? 0) > notice.id)
}

/** The next round of a whistle calls the same unit with a duty of its own. */
function calledAgain(notice: Notice, other: Notice): boolean {
  if (notice.kind !== 'whistle_blown' || other.kind !== 'whistle_blown' || other.id <= notice.id) return false
  const [one, next] = [paramsOf(notice), paramsOf(other)]
  return one.report === next.report && one.unit === next.unit
}

function asRinging(notice: Notice, { tasks, checks }: Known): Ringing {
  if (notice.kind === 'unanswered') {
    return { notice, form: 'unanswered', matter: null, check: null, due: null, yellow: null }
  }
  if (notice.kind === 'field_check_asked') {
    const check = checks.get(Number(notice.subject_id)) ?? null
    return { notice, form: 'check', matter: null, check, due: check?.due_at ?? null, yellow: null }
  }
  const task = tasks.get(Number(notice.subject_id))
  const matter = task ? fromTask(task) : fromNotice(notice)
  const deadline = matter.deadlines.find((one) => one.kind === 'report_in') ?? matter.deadlines[0]
  return {
    ...{ notice, matter, check: null, form: notice.kind === 'whistle_blown' ? 'whistle' : 'duty' },
    ...{ due: deadline?.due ?? null, yellow: deadline?.yellow ?? null },
  }
}

/**
 * Whether signing is a step on the duty, or only the receipt of the notice: a leader who is told of a whistle may not
 * act on the duty, which shows once a sync after the notice has not brought it.
 */
export function signsDuty(one: Ringing, { syncedAt }: Known): boolean {
  if (one.form !== 'whistle' && one.form !== 'duty') return false
  if (one.matter?.task) return true
  return syncedAt === null || Date.parse(syncedAt) <= Date.parse(one.notice.created_at)
}
