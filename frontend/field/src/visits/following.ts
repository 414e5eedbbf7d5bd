/** What the visit pages follow: households with their turns, levels, and the present day. */
import { computed, type ComputedRef, type Ref } from 'vue'
import type { CareTag, Household, RiskLevel } from '@/store/db'
import { live } from '@/store/live'
import { presentMoment } from '@shared/time/countdown'
import { dayOf } from './days'
import { turnsOf, type Turn } from './due'
import { queuedVisits, type QueuedVisit } from './queued'

export function today(): ComputedRef<string> {
  const now = presentMoment()
  return computed(() => dayOf(now.value))
}

export const riskLevels = () => live<RiskLevel[]>(({ db }) => db.risk_levels.orderBy('code').toArray(), [])

/** Known of a grid of mine. */
export const streetOf = ({ grid }: Pick<Household, 'grid'>) =>
  live(async ({ db }) => (await db.grids.get(grid.code))?.street.code, undefined)

export function queuedByHousehold(): Ref<Map<string, QueuedVisit>> {
  return live(async ({ db }) => queuedVisits(await db.queue.filter((one) => one.kind === 'visit').toArray()), new Map())
}

export interface QueuedColour {
  to: string
  reason: string
  at: string
  refused: boolean
}

/** Proposals for a household that still lie in the queue, read only. */
export const queuedColours = (id: string): Ref<QueuedColour[]> =>
  live(
    async ({ db }) =>
      (await db.queue.filter(({ path }) => path === `households/${id}/propose_colour`).sortBy('seq')).map((entry) => ({
        to: String(entry.body.to),
        reason: String(entry.body.reason),
        at: entry.createdAt,
        refused: entry.state === 'refused',
      })),
    [],
  )

/** Null until the phone's own list is read. */
export function turns(): ComputedRef<Turn[] | null> {
  const households = live<Household[] | null>(({ db }) => db.households.toArray(), null)
  const levels = riskLevels()
  const queued = queuedByHousehold()
  return computed(() => households.value && turnsOf(households.value, queued.value, levels.value))
}

/** The names of care tags by code. */
export function tagNames(): ComputedRef<(codes: readonly string[]) => string[]> {
  const tags = live<CareTag[]>(({ db }) => db.care_tags.toArray(), [])
  return computed(() => {
    const names = new Map(tags.value.map(({ code, name }) => [code, name]))
    return (codes) => codes.map((code) => names.get(code) ?? code)
  })
}
