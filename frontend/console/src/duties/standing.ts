/** What a unit may do with a duty now, which light it is under, and how a list of duties is read. */
import type { Schemas } from '@shared/api/client'
import { lightAt, type Light } from '@shared/time/countdown'

export type Duty = Schemas['AssignmentOut']
type Detail = Schemas['ReportDetail']
/** A line of the list. */
export type DutyRow = Schemas['AssignmentRow']

export const DUTY_STEPS = [
  'receive',
  'submit',
  'hand_on',
  'take_back',
  'ask_extension',
  'ask_return',
  'ask_waiver',
  'ask_appeal',
  'leave',
] as const
export type DutyStep = (typeof DUTY_STEPS)[number]

export interface Ground {
  duty: Duty
  report: Pick<Detail, 'status' | 'requests' | 'clocks'>
  /** The person's own name at the server. */
  me: string
  /** Whether the person acts for a unit. */
  handles: boolean
}

/** The steps to offer; the server has the last word. */
export function stepsOf({ duty, report, me, handles }: Ground): DutyStep[] {
  if (duty.role === 'notify') return []
  const inHand = duty.assignee ? duty.assignee.username === me : handles
  const ours = handles || duty.assignee?.username === me
  const asked = report.requests
    .filter((one) => one.assignment === duty.id && one.status === 'pending')
    .map((one) => one.kind as string)
  const appealed = report.requests.some(
    (one) => one.assignment === duty.id && one.kind === 'appeal' && one.status !== 'withdrawn',
  )
  const late = report.clocks.some(
    (clock) => clock.assignment === duty.id && clock.outcome === 'overdue' && !clock.exempt,
  )
  const onScene = Boolean(duty.reported_in_at && !duty.left_at)
  return DUTY_STEPS.filter((step) => {
    // A duty that another replaced may still be appealed.
    if (step === 'ask_appeal')
      return ours && report.status === 'closed' && late && !appealed && APPEALS.includes(duty.status ?? '')
    if (!duty.allowed.includes(step)) return false
    if (step === 'receive') return inHand
    if (step === 'submit') return inHand && (duty.whistle == null || Boolean(duty.reported_in_at))
    if (step === 'leave') return inHand && duty.whistle != null && onScene
    if (step === 'hand_on') return handles && duty.department != null
    if (step === 'take_back') return handles && (duty.assignee != null || duty.handed_from != null)
    if (step === 'ask_extension') return ours && duty.role === 'lead' && !asked.includes('extension')
    return ours && !asked.includes(step.slice('ask_'.length))
  })
}

const APPEALS = ['approved', 'waived', 'no_show']

/** Of those of this duty that run, the clock that ends first. */
export function nextClock(duty: Duty, clocks: Schemas['ClockOut'][]): Schemas['ClockOut'] | undefined {
  return clocks
    .filter((clock) => clock.assignment === duty.id && !clock.stopped_at && clock.due_at)
    .sort((a, b) => Date.parse(a.due_at!) - Date.parse(b.due_at!))[0]
}

const WAITS = ['submitted', 'approved', 'waived']

/** A duty that was answered is no longer the unit's to hurry about. */
export function lightOf(row: DutyRow, now: number): Light {
  if (!row.active || WAITS.includes(row.status ?? '') || !row.matter) return ''
  return lightAt(row.matter.due_at ?? null, null, now) === 'red' ? 'red' : row.matter.light
}

const ORDER: Record<Light, number> = { red: 0, yellow: 1, green: 2, '': 3 }

/** Red first, in each light what is due first. */
export function byLight<Row extends { row: DutyRow }>(rows: Row[], now: number): Row[] {
  const due = (row: DutyRow) => (row.matter?.due_at ? Date.parse(row.matter.due_at) : Infinity)
  return [...rows].sort(
    (a, b) => ORDER[lightOf(a.row, now)] - ORDER[lightOf(b.row, now)] || due(a.row) - due(b.row) || b.row.id - a.row.id,
  )
}
