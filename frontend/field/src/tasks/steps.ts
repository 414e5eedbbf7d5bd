/** The steps on a duty: what a state allows, and how the steps that wait in the queue have already moved it here. */
import { enqueue } from '@/queue'
import type { Entry, NewEntry, PictureToSend } from '@/queue/entry'
import type { ChosenPicture } from '@/photos/chosen'
import { newId } from '@shared/ids'

export const STEPS = ['receive', 'report_in', 'submit', 'ask_extension', 'ask_return', 'leave'] as const
export type StepName = (typeof STEPS)[number]
export type Status =
  'issued' | 'received' | 'reported_in' | 'submitted' | 'approved' | 'returned' | 'rework' | 'waived' | 'no_show'

const IN_WORK: Status[] = ['issued', 'received', 'reported_in', 'rework']

/** As the server's table of the life of an assignment has it; null: the state stays. */
const TABLE: Record<StepName, { from: Status[]; to: Status | null }> = {
  receive: { from: ['issued'], to: 'received' },
  report_in: { from: ['issued', 'received', 'no_show', 'rework'], to: 'reported_in' },
  submit: { from: ['received', 'reported_in', 'rework'], to: 'submitted' },
  ask_extension: { from: IN_WORK, to: null },
  ask_return: { from: IN_WORK, to: 'returned' },
  leave: { from: ['reported_in', 'submitted', 'approved', 'rework', 'waived'], to: null },
}

/** What of a duty decides over its steps. */
export interface Standing {
  role: string | null
  status: Status
  onWhistle: boolean
  /** Somebody of the unit is or was on the spot. */
  onScene: boolean
  left: boolean
  /** Kinds of what was asked for and is not decided. */
  asked: string[]
}

/** Where the duty stands once the steps that wait are done; refused ones change nothing. */
export function after(standing: Standing, waiting: StepName[]): Standing {
  return waiting.reduce<Standing>((now, name) => {
    const next: Standing = { ...now, status: TABLE[name].to ?? now.status }
    if (name === 'report_in') return { ...next, onScene: true, left: false }
    if (name === 'ask_extension') return { ...next, asked: [...now.asked, 'extension'] }
    if (name === 'ask_return') return { ...next, asked: [...now.asked, 'return'] }
    return next
  }, standing)
}

/** The steps that can be taken now, the one that leads on first. */
export function stepsOf(now: Standing, waiting: StepName[] = []): StepName[] {
  if (now.role === 'notify') return []
  return STEPS.filter((name) => {
    if (!TABLE[name].from.includes(now.status) || waiting.includes(name)) return false
    if (name === 'report_in') return now.onWhistle
    // A unit called to the spot answers from the spot.
    if (name === 'submit') return !now.onWhistle || now.onScene
    if (name === 'leave') return now.onWhistle && now.onScene && !now.left
    if (name === 'ask_extension') return now.role === 'lead' && !now.asked.includes('extension')
    if (name === 'ask_return') return !now.asked.includes('return')
    return true
  })
}

const STEP_PATH = /^assignments\/(\d+)\/(\w+)$/

/** The entries of the queue that are steps on this duty, in the order of sending. */
export function stepsQueued(entries: Entry[], duty: number): { name: StepName; entry: Entry }[] {
  return entries
    .flatMap((entry) => {
      const [, id, name] = STEP_PATH.exec(entry.path) ?? []
      return Number(id) === duty && STEPS.includes(name as StepName) ? [{ name: name as StepName, entry }] : []
    })
    .sort((a, b) => a.entry.seq - b.entry.seq)
}

export interface OnDuty {
  id: number
  report: string
  title: string
}

/** The pictures as the body names them, and as the queue sends them. */
function withPictures(report: string, chosen: ChosenPicture[]) {
  return {
    named: chosen.map(({ sha256, size, kind }) => ({ sha256, size, kind })),
    sent: chosen.map<PictureToSend>(({ sha256, size, kind }) => ({
      sha256,
      size,
      kind,
      path: `reports/${report}/photos/${sha256}`,
      sent: false,
    })),
  }
}

/** The entry of a step; its answer is the whole report. */
export function stepEntry(
  path: string,
  on: { report: string; title: string },
  body: Record<string, unknown>,
  chosen: ChosenPicture[] = [],
): NewEntry {
  const id = newId()
  const pictures = withPictures(on.report, chosen)
  return {
    id,
    kind: 'step',
    title: on.title,
    chain: `report:${on.report}`,
    method: 'POST',
    path,
    body: { ...body, ...(chosen.length ? { photos: pictures.named } : {}), request_id: id },
    names: on.report,
    pictures: pictures.sent,
  }
}

export function takeStep(
  name: StepName,
  duty: OnDuty,
  body: Record<string, unknown> = {},
  chosen: ChosenPicture[] = [],
) {
  return enqueue(stepEntry(`assignments/${duty.id}/${name}`, duty, body, chosen))
}
