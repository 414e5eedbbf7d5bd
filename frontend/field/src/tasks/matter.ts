/** A duty as the pages show it: from the list that was synced, or, before any sync, from the notice that called. */
import type { FieldCheck, Notice, Task } from '@/store/db'
import { lightAt, type Light } from '@shared/time/countdown'
import type { Standing, Status } from './steps'

export interface Deadline {
  kind: string
  due: string | null
  yellow: string | null
  running: boolean
}

export interface Call {
  kind: string
  caller: string
  reason: string
  meetingAt: string | null
  meetingPlace: string
  over: boolean
}

export interface Matter {
  id: number
  report: string
  number: string
  item: string
  address: string
  lng: number | null
  lat: number | null
  urgency: string
  description: string
  instruction: string
  unit: string
  standing: Standing
  /** The nearest first; those that stand still last. */
  deadlines: Deadline[]
  call: Call | null
  /** Null where only the notice is known. */
  task: Task | null
}

const OVER = ['submitted', 'rated', 'closed', 'withdrawn', 'escalated', 'declined']

export function fromTask(task: Task): Matter {
  const { report, whistle } = task
  return {
    ...{ id: task.id, report: report.id, number: report.number, item: report.item_name, address: report.address ?? '' },
    ...{ lng: report.lng, lat: report.lat, urgency: report.urgency ?? 'normal', description: report.description },
    instruction: task.instruction ?? '',
    unit: task.department?.name ?? '',
    standing: {
      role: task.role,
      status: task.status as Status,
      onWhistle: whistle !== null,
      onScene: task.reported_in_at != null,
      left: task.left_at != null,
      asked: task.requests.map((request) => request.kind),
    },
    deadlines: deadlinesOf(task),
    call: whistle && {
      kind: whistle.kind,
      caller: (whistle.calling_department ?? whistle.calling_area).name,
      reason: whistle.reason,
      meetingAt: whistle.meeting_at ?? null,
      meetingPlace: whistle.meeting_place ?? '',
      over: OVER.includes(whistle.status ?? ''),
    },
    task,
  }
}

/** What holds the person: the clocks of the duty itself, the nearest first. */
function deadlinesOf(task: Task): Deadline[] {
  return task.clocks
    .filter((clock) => clock.assignment === task.id)
    .map((clock) => ({
      kind: clock.kind,
      due: clock.due_at ?? null,
      yellow: clock.yellow_at ?? null,
      running: clock.running ?? true,
    }))
    .sort((a, b) => Number(b.running) - Number(a.running) || (a.due ?? '9').localeCompare(b.due ?? '9'))
}

type Params = Partial<Record<string, string | number | null>>

export const paramsOf = (notice: Pick<Notice, 'params'>) => (notice.params ?? {}) as Params

const text = (value: Params[string]) => (value == null ? '' : String(value))
const number = (value: Params[string]) => (typeof value === 'number' ? value : null)

/** Built from what the notice says, for one who had no signal since. */
export function fromNotice(notice: Notice): Matter {
  const says = paramsOf(notice)
  const whistle = notice.kind === 'whistle_blown'
  const due = text(says.due_at) || null
  return {
    ...{ id: Number(notice.subject_id), report: text(says.report), number: text(says.number), item: text(says.item) },
    ...{ address: text(says.address), lng: number(says.lng), lat: number(says.lat), urgency: notice.urgency },
    ...{ description: '', instruction: '', unit: text(says.unit) },
    standing: { role: null, status: 'issued', onWhistle: whistle, onScene: false, left: false, asked: [] },
    deadlines: due ? [{ kind: whistle ? 'report_in' : 'sign_for', due, yellow: null, running: true }] : [],
    call: whistle
      ? {
          kind: text(says.whistle_kind),
          caller: text(says.caller),
          reason: text(says.reason),
          ...{ meetingAt: null, meetingPlace: '', over: false },
        }
      : null,
    task: null,
  }
}

export type Line = { check: FieldCheck; matter: null } | { check: null; matter: Matter }

/** The deadline to be shown in a line: that of what comes next. */
export function dueOf(line: Line): Deadline | null {
  if (line.matter) return line.matter.deadlines[0] ?? null
  return { kind: 'field_check', due: line.check.due_at ?? null, yellow: null, running: true }
}

export function lightOf(line: Line, now: number): Light {
  const deadline = dueOf(line)
  if (!deadline?.running) return ''
  const light = lightAt(deadline.due, deadline.yellow, now)
  // The list of checks says its light and not when it turns yellow.
  return light === 'green' && line.check?.light === 'yellow' ? 'yellow' : light
}

const RANK: Record<Light, number> = { red: 0, yellow: 1, green: 2, '': 3 }

/** Red before yellow before green, within a light what is due first; what stands still comes last. */
export function byUrgency(now: number) {
  return (a: Line, b: Line) =>
    RANK[lightOf(a, now)] - RANK[lightOf(b, now)] ||
    (dueOf(a)?.due ?? '9').localeCompare(dueOf(b)?.due ?? '9') ||
    identity(a).localeCompare(identity(b))
}

export const identity = (line: Line) => (line.matter ? `d${line.matter.id}` : `c${line.check.id}`)

/** Whose turn it is: mine, or somebody else's who reviews or decides, or nobody's. */
export function turnOf(standing: Standing): 'mine' | 'theirs' | 'information' {
  if (standing.role === 'notify') return 'information'
  return ['submitted', 'approved', 'returned', 'waived'].includes(standing.status) ? 'theirs' : 'mine'
}
