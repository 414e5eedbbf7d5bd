/** What the whistle watch tells of each unit, and which steps this person may take on a whistle. */
import type { Schemas } from '@shared/api/client'
import { can, type Can } from '@/store/session'

export type Duty = Schemas['AssignmentOut']
export type Whistle = Schemas['WhistleOut']
export type Recipient = Schemas['RecipientOut']
export type Clock = Schemas['ClockOut']

export const WHISTLE_STEPS = [
  'request',
  'approve',
  'decline',
  'review',
  'meeting',
  'minutes',
  'rate',
  'close',
  'escalate',
  'withdraw',
] as const
export type WhistleStep = (typeof WHISTLE_STEPS)[number]

/** As the server's table has it: `allowed` tells what the state lets happen, this who may ask for it. */
const NEEDS: Record<WhistleStep, Can> = {
  request: 'blow_whistle',
  approve: 'approve_whistle',
  decline: 'approve_whistle',
  review: 'approve_whistle',
  meeting: 'blow_whistle',
  minutes: 'blow_whistle',
  rate: 'blow_whistle',
  close: 'blow_whistle',
  escalate: 'blow_whistle',
  withdraw: 'blow_whistle',
}

const LAST_ROUND = 3

export const toReview = (whistle: Whistle) =>
  whistle.kind === 'emergency' && whistle.previous === null && whistle.blown_at !== null && whistle.reviewed_at === null

/** The steps to offer on a whistle, in the order in which they come. */
export function stepsOn(whistle: Whistle, holds: (needed: Can) => boolean = (needed) => can(needed)): WhistleStep[] {
  return WHISTLE_STEPS.filter((step) => {
    if (!whistle.allowed.includes(step) || !holds(NEEDS[step])) return false
    if (step === 'review') return toReview(whistle)
    if (step === 'meeting' || step === 'minutes') return whistle.kind === 'joint'
    if (step === 'escalate') return (whistle.round ?? 1) < LAST_ROUND
    return true
  })
}

/** Why this round was blown: what the desk said when it called again, or which units had not come. Null in the first. */
export function whyAgain(whistle: Whistle, events: Schemas['EventOut'][]): { said: string; missing: string[] } | null {
  const step = events.find((event) => event.kind === 'escalate' && event.whistle === whistle.previous)
  if (!step || whistle.previous === null) return null
  return { said: step.note ?? '', missing: (step.data as { missing?: string[] } | null)?.missing ?? [] }
}

const RUNNING = ['blown', 'gathering', 'handling']

export const runs = (whistle: Whistle) => RUNNING.includes(whistle.status ?? '')

export interface UnitRow {
  duty: Duty
  people: Recipient[]
  rung: number
  onDevice: number
  seen: number
  signFor?: Clock
  reportIn?: Clock
  handle?: Clock
}

/** Every unit called with the people rung for it; those rung for no unit named come behind. */
export function unitRows(duties: Duty[], recipients: Recipient[], clocks: Clock[]): UnitRow[] {
  const clock = (duty: Duty, kind: Clock['kind']) =>
    clocks.filter((one) => one.assignment === duty.id && one.kind === kind && one.outcome !== 'cancelled').at(-1)
  return duties.map((duty) => {
    const people = recipients.filter((one) => one.assignment === duty.id || (!one.assignment && duties.length === 1))
    return {
      duty,
      people,
      rung: people.filter((one) => one.rung_at).length,
      onDevice: people.filter((one) => one.on_device_at).length,
      seen: people.filter((one) => one.seen_at).length,
      signFor: clock(duty, 'sign_for'),
      reportIn: clock(duty, 'report_in'),
      handle: clock(duty, 'handle'),
    }
  })
}

/** How many of the units called have come how far. */
export function progress(rows: UnitRow[]) {
  const count = (is: (row: UnitRow) => unknown) => rows.filter(is).length
  return {
    called: rows.length,
    onDevice: count((row) => row.onDevice > 0 || row.duty.received_at),
    seen: count((row) => row.seen > 0 || row.duty.received_at),
    received: count((row) => row.duty.received_at),
    reportedIn: count((row) => row.duty.reported_in_at),
    submitted: count((row) => row.duty.submitted_at),
  }
}
