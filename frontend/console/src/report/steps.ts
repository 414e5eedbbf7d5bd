/**
 * The steps a desk can take, as data: on what, who may, in which states, and what is asked for. What is allowed now is
 * the server's to say (`allowed`); the states here only say to a person when a step that is not would be.
 */
import type { Schemas } from '@shared/api/client'
import type { Can } from '@/store/session'

export type Subject = 'report' | 'assignment' | 'whistle' | 'request' | 'field_check'

export interface Field {
  name: string
  kind: 'area' | 'line' | 'date' | 'moment' | 'yesno' | 'choice' | 'person' | 'unit' | 'item' | 'check'
  required?: boolean | ((report: Pick<Schemas['ReportDetail'], 'requester'>) => boolean)
  /** Words of the choices are `report.choice.<name>.<value>`; `duties` and `units` are those at work on the report. */
  choices?: readonly string[] | 'duties' | 'units'
  /** Shown only while another field has this value. */
  when?: { field: string; is: unknown }
}

export interface StepRule {
  on: Subject
  name: string
  /** Any of these; `unit` is one's own unit having the duty in hand, `asker` who asked. */
  can: readonly (Can | 'unit' | 'asker')[]
  from: readonly string[]
  fields: readonly Field[]
  tone?: 'primary' | 'danger'
}

const reason: Field = { name: 'reason', kind: 'area', required: true }
const note: Field = { name: 'note', kind: 'area' }
const because: Field = { name: 'note', kind: 'area', required: true }
const DISPATCH = ['dispatch_report'] as const
const WORK = ['issued', 'received', 'reported_in', 'rework'] as const
const CALLING = ['blown', 'gathering', 'handling'] as const
const OPEN = ['submitted', 'accepted', 'in_progress', 'in_review', 'callback'] as const
const ANY: readonly string[] = []

const REPORT: Omit<StepRule, 'on'>[] = [
  {
    name: 'accept',
    can: DISPATCH,
    from: ['submitted'],
    fields: [{ name: 'item', kind: 'item' }],
    tone: 'primary',
  },
  { name: 'assign', can: DISPATCH, from: ['accepted', 'in_progress'], fields: [], tone: 'primary' },
  { name: 'draft_whistle', can: ['blow_whistle'], from: ['accepted', 'in_progress'], fields: [] },
  { name: 'approve', can: DISPATCH, from: ['in_review'], fields: [note], tone: 'primary' },
  {
    name: 'close',
    can: DISPATCH,
    from: ['in_review'],
    fields: [
      { name: 'answer', kind: 'area', required: ({ requester }) => Boolean(requester && !requester.answer) },
      note,
    ],
    tone: 'primary',
  },
  {
    name: 'rework',
    can: DISPATCH,
    from: ['in_review'],
    fields: [{ name: 'assignment', kind: 'choice', choices: 'duties' }, reason],
  },
  {
    name: 'call_back',
    can: ['call_back'],
    from: ['callback'],
    fields: [
      { name: 'reached', kind: 'yesno', required: true },
      { name: 'solved', kind: 'yesno', required: true, when: { field: 'reached', is: true } },
      {
        name: 'satisfaction',
        kind: 'choice',
        required: true,
        choices: ['satisfied', 'basically', 'not'],
        when: { field: 'reached', is: true },
      },
      note,
    ],
    tone: 'primary',
  },
  {
    name: 'field_check',
    can: DISPATCH,
    from: ['submitted', 'in_review'],
    fields: [{ name: 'assignee', kind: 'person' }, note],
  },
  { name: 'split', can: DISPATCH, from: ['submitted', 'accepted'], fields: [] },
  {
    name: 'ask_suspension',
    can: ['dispatch_report', 'unit'],
    from: ['in_progress'],
    fields: [{ name: 'until', kind: 'date', required: true }, reason],
  },
  { name: 'resume', can: ['approve_whistle'], from: ['suspended'], fields: [note], tone: 'primary' },
  {
    name: 'urge',
    can: ['dispatch_report', 'supervise_report', 'approve_whistle', 'call_back'],
    from: OPEN,
    fields: [{ name: 'assignment', kind: 'choice', choices: 'duties' }, note],
  },
  {
    name: 'supervise',
    can: ['supervise_report'],
    from: ANY,
    fields: [
      { name: 'kind', kind: 'choice', required: true, choices: ['important', 'leader'] },
      { name: 'department', kind: 'choice', choices: 'units' },
      reason,
      { name: 'reply_by', kind: 'moment' },
    ],
  },
  {
    name: 'cards',
    can: ['supervise_report'],
    from: ANY,
    fields: [
      { name: 'department', kind: 'choice', required: true, choices: 'units' },
      { name: 'colour', kind: 'choice', required: true, choices: ['yellow', 'red'] },
      reason,
    ],
  },
  { name: 'unmerge', can: DISPATCH, from: ['merged'], fields: [note] },
  { name: 'reopen', can: ['approve_whistle'], from: ['closed'], fields: [reason] },
  { name: 'return_to_pool', can: DISPATCH, from: ['accepted'], fields: [reason] },
  { name: 'reject', can: DISPATCH, from: ['submitted'], fields: [reason], tone: 'danger' },
  { name: 'void', can: DISPATCH, from: ['submitted', 'accepted'], fields: [reason], tone: 'danger' },
]

const ASSIGNMENT: Omit<StepRule, 'on'>[] = [
  { name: 'receive', can: ['unit'], from: ['issued'], fields: [], tone: 'primary' },
  {
    name: 'hand_on',
    can: ['unit'],
    from: [...WORK, 'returned', 'no_show', 'submitted'],
    fields: [{ name: 'assignee', kind: 'person' }, { name: 'department', kind: 'unit' }, note],
  },
  { name: 'take_back', can: ['unit'], from: [...WORK, 'returned', 'no_show', 'submitted'], fields: [note] },
  { name: 'ask_extension', can: ['unit'], from: WORK, fields: [reason] },
  { name: 'ask_return', can: ['unit'], from: WORK, fields: [reason] },
  { name: 'ask_waiver', can: ['unit'], from: [...WORK, 'no_show'], fields: [reason] },
  { name: 'ask_appeal', can: ['unit'], from: ['approved', 'waived', 'no_show'], fields: [reason] },
  {
    name: 'leave',
    can: ['unit'],
    from: ['reported_in', 'submitted', 'approved', 'rework', 'waived'],
    fields: [{ name: 'gone', kind: 'check' }, note],
  },
  { name: 'release', can: DISPATCH, from: ['reported_in', 'submitted', 'approved', 'rework'], fields: [note] },
  {
    name: 'waive',
    can: DISPATCH,
    from: ['issued', 'received', 'reported_in', 'returned', 'rework', 'no_show'],
    fields: [reason],
  },
]

const WHISTLE: Omit<StepRule, 'on'>[] = [
  { name: 'request', can: ['blow_whistle'], from: ['draft'], fields: [], tone: 'primary' },
  { name: 'approve', can: ['approve_whistle'], from: ['pending'], fields: [note], tone: 'primary' },
  { name: 'decline', can: ['approve_whistle'], from: ['pending'], fields: [because], tone: 'danger' },
  {
    name: 'review',
    can: ['approve_whistle'],
    from: [...CALLING, 'submitted', 'rated', 'closed', 'withdrawn', 'escalated'],
    fields: [{ name: 'justified', kind: 'yesno', required: true }, note],
  },
  {
    name: 'meeting',
    can: ['blow_whistle'],
    from: ['draft', 'pending', ...CALLING],
    fields: [
      { name: 'meeting_at', kind: 'moment', required: true },
      { name: 'meeting_place', kind: 'line' },
    ],
  },
  {
    name: 'escalate',
    can: ['blow_whistle'],
    from: ['handling', 'submitted'],
    fields: [reason, { name: 'meeting_at', kind: 'moment' }, { name: 'meeting_place', kind: 'line' }],
  },
  { name: 'close', can: ['blow_whistle'], from: ['rated'], fields: [note], tone: 'primary' },
  {
    name: 'withdraw',
    can: ['blow_whistle'],
    from: ['draft', 'pending', ...CALLING],
    fields: [because],
    tone: 'danger',
  },
]

const REQUEST: Omit<StepRule, 'on'>[] = [
  {
    name: 'grant',
    can: ['dispatch_report', 'approve_whistle', 'supervise_report'],
    from: ['pending'],
    fields: [note],
    tone: 'primary',
  },
  {
    name: 'refuse',
    can: ['dispatch_report', 'approve_whistle', 'supervise_report'],
    from: ['pending'],
    fields: [because],
  },
  { name: 'withdraw', can: ['asker'], from: ['pending'], fields: [note] },
]

const FIELD_CHECK: Omit<StepRule, 'on'>[] = [{ name: 'cancel', can: DISPATCH, from: ['asked'], fields: [note] }]

const of = (on: Subject, rules: Omit<StepRule, 'on'>[]): StepRule[] => rules.map((rule) => ({ ...rule, on }))

export const STEPS: Record<Subject, StepRule[]> = {
  report: of('report', REPORT),
  assignment: of('assignment', ASSIGNMENT),
  whistle: of('whistle', WHISTLE),
  request: of('request', REQUEST),
  field_check: of('field_check', FIELD_CHECK),
}

export const isRequired = ({ required }: Field, report: Schemas['ReportDetail']): boolean =>
  typeof required === 'function' ? required(report) : Boolean(required)

/** What a step is taken on, and how it stands. */
export interface Target {
  on: Subject
  id: string | number
  allowed: readonly string[]
  /** Its unit is one of the person's own. */
  own?: boolean
  asked?: boolean
}

/** Whether a person with these capabilities is ever offered the step on this. */
export function mayTake(rule: StepRule, target: Target, holds: (can: Can) => boolean): boolean {
  return rule.can.some((one) => (one === 'unit' ? target.own : one === 'asker' ? target.asked : holds(one)))
}

export const isOpen = (rule: StepRule, target: Target) => !rule.from.length || target.allowed.includes(rule.name)

/** Steps on a report that its state allows and its results do not: each is approved once, and before the report is closed. */
export function suitsReport(name: string, report: Pick<Schemas['ReportDetail'], 'status' | 'assignments'>): boolean {
  if (report.status !== 'in_review') return true
  const waits = report.assignments.some((duty) => duty.active && duty.status === 'submitted')
  if (name === 'approve') return waits
  if (name === 'close') return !waits
  return true
}

/** Steps on a duty that its state allows and its nature does not. */
export function suitsDuty(name: string, duty: Schemas['AssignmentOut'], report: Schemas['ReportDetail']): boolean {
  const waits = (kind: string) =>
    report.requests.some((one) => one.assignment === duty.id && one.kind === kind && one.status === 'pending')
  const there = Boolean(duty.reported_in_at) && !duty.left_at
  if (duty.role === 'notify') return false
  if (name === 'ask_extension') return duty.role === 'lead' && !waits('extension')
  if (name === 'ask_return') return !waits('return')
  if (name === 'ask_waiver') return !waits('waiver')
  if (name === 'ask_appeal') {
    const late = report.clocks.some((clock) => clock.assignment === duty.id && clock.overdue_level && !clock.exempt)
    return (
      report.status === 'closed' &&
      late &&
      !report.requests.some((one) => one.kind === 'appeal' && one.assignment === duty.id)
    )
  }
  if (name === 'leave') return duty.whistle !== null && there
  if (name === 'release') return duty.whistle !== null && there && !duty.released_at
  if (name === 'take_back') return duty.handed_from !== null
  return true
}

/** Steps on a whistle that its state allows and its kind does not. */
export function suitsWhistle(name: string, whistle: Schemas['WhistleOut']): boolean {
  if (name === 'review') return whistle.kind === 'emergency' && !whistle.reviewed_at
  if (name === 'meeting') return whistle.kind === 'joint'
  return true
}

/** Who decides on a request depends on what was asked for. */
export function decides(kind: Schemas['RequestKind'], holds: (can: Can) => boolean): boolean {
  if (kind === 'suspension') return holds('approve_whistle')
  return holds(kind === 'appeal' ? 'supervise_report' : 'dispatch_report')
}
