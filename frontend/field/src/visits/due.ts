/** Whose turn it is: as the server said, moved on by visits that are still waiting to be sent. */
import type { Household, RiskLevel } from '@/store/db'
import { addDays, dayOf } from './days'
import { counts, type QueuedVisit } from './queued'

export const AHEAD_DAYS = 7

export interface Turn {
  household: Household
  /** The day by which the next visit is due; null without a colour. */
  due: string | null
  lastVisitAt: string | null
  queued: QueuedVisit | null
}

type Intervals = readonly Pick<RiskLevel, 'code' | 'visit_days'>[]

/** The day due after a visit, as the server will reckon it. */
export function dueAfter(visitedAt: string, level: string | undefined, levels: Intervals): string | null {
  const interval = levels.find((one) => one.code === level)?.visit_days
  return interval === undefined ? null : addDays(dayOf(visitedAt), interval)
}

export function turnOf(household: Household, queued: QueuedVisit | null, levels: Intervals): Turn {
  const last = household.last_visit_at ?? null
  const newer = queued && counts(queued) && (!last || Date.parse(queued.visitedAt) > Date.parse(last))
  return {
    household,
    due: newer ? dueAfter(queued.visitedAt, household.risk_level?.code, levels) : (household.next_visit_due ?? null),
    lastVisitAt: newer ? queued.visitedAt : last,
    queued,
  }
}

export const isLate = ({ due }: Turn, today: string) => due !== null && due < today

/** Whether `due` was reckoned here, after a visit that the server does not know of yet. */
export const isExpected = ({ queued, lastVisitAt }: Turn) => queued !== null && lastVisitAt === queued.visitedAt

export function turnsOf(
  households: readonly Household[],
  queued: ReadonlyMap<string, QueuedVisit>,
  levels: Intervals,
): Turn[] {
  return households.map((one) => turnOf(one, queued.get(one.id) ?? null, levels))
}

export interface DueGroup {
  kind: 'overdue' | 'today' | 'ahead'
  /** Of the group; the day before today for those overdue. */
  day: string
  turns: Turn[]
}

const rank = (turn: Turn) => turn.household.risk_level?.rank ?? 0

/** The most urgent first: longest due, then the graver colour. */
export const byUrgency = (a: Turn, b: Turn) => (a.due ?? '9999').localeCompare(b.due ?? '9999') || rank(b) - rank(a)

/** Overdue, today, then each of the next seven days with somebody in it. */
export function byDay(turns: readonly Turn[], today: string): DueGroup[] {
  const groups = new Map<string, DueGroup>()
  for (const turn of [...turns].sort(byUrgency)) {
    if (!turn.due || turn.due > addDays(today, AHEAD_DAYS)) continue
    const overdue = isLate(turn, today)
    const day = overdue ? addDays(today, -1) : turn.due
    const group = groups.get(day)
    if (group) group.turns.push(turn)
    else groups.set(day, { kind: overdue ? 'overdue' : day === today ? 'today' : 'ahead', day, turns: [turn] })
  }
  return [...groups.values()]
}
