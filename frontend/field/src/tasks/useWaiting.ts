/** What waits in the queue, by chain: the pages show it before the server knows. */
import type { Entry } from '@/queue/entry'
import { onlyLacksPicture } from '@/queue/saying'
import { sentLately, type Sent } from '@/queue/sent'
import { live } from '@/store/live'
import type { Matter } from './matter'
import { after, stepsQueued, type StepName } from './steps'

export function useQueue() {
  return live(async ({ db }) => {
    const asked = ((await db.kept.get('asked'))?.value as string | undefined) ?? ''
    return moving(await db.queue.toArray(), await sentLately(db), asked)
  }, [] as Entry[])
}

/**
 * The queue with what arrived after the sync last asked (`asked`, ISO 8601): the server's rows do not show it yet. A step
 * that was taken, but for a picture, is no refused step.
 */
export function moving(queue: Entry[], sent: Sent[], asked: string): Entry[] {
  const steps = sent.flatMap<Entry>(({ path, at, ...one }) =>
    path && at >= asked ? [{ ...ARRIVED, ...one, path }] : [],
  )
  const still = queue.flatMap<Entry>((entry) => {
    if (!onlyLacksPicture(entry)) return [entry]
    return entry.failure && entry.failure.at >= asked ? [{ ...entry, state: 'sending' }] : []
  })
  return [...steps.reverse(), ...still]
}

const ARRIVED: Omit<Entry, 'id' | 'kind' | 'title' | 'path'> = {
  ...{ seq: 0, chain: '', method: 'POST', body: {}, names: '', bodySent: true, pictures: [], state: 'sending' },
  ...{ attempts: 1, nextAt: '', failure: null, createdAt: '' },
}

/** The clocks that a step stops. */
const STOPS: Partial<Record<StepName, string[]>> = {
  receive: ['sign_for'],
  report_in: ['sign_for', 'report_in'],
  submit: ['sign_for', 'handle'],
}

export interface Ahead {
  /** With its standing and its deadlines as they will be. */
  matter: Matter
  waiting: StepName[]
  refused: { name: StepName; entry: Entry }[]
}

/** The duty as it will be when what waits has arrived. */
export function ahead(matter: Matter, queue: Entry[]): Ahead {
  const queued = stepsQueued(queue, matter.id)
  const waiting = queued.filter((one) => one.entry.state !== 'refused').map((one) => one.name)
  const standing = after(matter.standing, waiting)
  const stopped = waiting.flatMap((name) => STOPS[name] ?? [])
  return {
    matter: { ...matter, standing, deadlines: matter.deadlines.filter((one) => !stopped.includes(one.kind)) },
    waiting,
    refused: queued.filter((one) => one.entry.state === 'refused'),
  }
}

/** Whether the answer to this check waits to be sent. */
export const checkWaits = (queue: Entry[], check: number) =>
  queue.some((entry) => entry.path === `field_checks/${check}/answer` && entry.state !== 'refused')
