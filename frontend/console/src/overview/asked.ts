/** What the overview is asked for: an area, days and what is ranked; kept in the page's address, for going back to. */
import type { LocationQuery } from 'vue-router'
import type { Schemas } from '@shared/api/client'

export const PERIODS = ['today', 'week', 'month', 'range'] as const
export type Period = (typeof PERIODS)[number]

export const RANKED = ['street', 'community', 'department', 'item'] as const
export type By = Schemas['OverviewOutByEnum']

export interface Days {
  first: string
  last: string
}

export interface Asked {
  area?: string
  period: Period
  /** Of a period of one's own. */
  range: Days
  by?: By
}

const DAY_MS = 86_400_000
const MOST_DAYS = 366

/** The days of a period up to `today`, all as the server takes them; a week begins on Monday. */
export function daysOf(period: Period, range: Days, today: string): Days {
  if (period === 'range') return range
  if (period === 'month') return { first: `${today.slice(0, 8)}01`, last: today }
  if (period === 'today') return { first: today, last: today }
  const present = Date.parse(today)
  const sinceMonday = (new Date(present).getUTCDay() + 6) % 7
  return { first: new Date(present - sinceMonday * DAY_MS).toISOString().slice(0, 10), last: today }
}

/** Whether the server takes these days: forwards, and at most a year of them. */
export function isPeriod({ first, last }: Days): boolean {
  const days = (Date.parse(last) - Date.parse(first)) / DAY_MS + 1
  return days >= 1 && days <= MOST_DAYS
}

const text = (value: unknown) => (typeof value === 'string' && value ? value : undefined)

export function askedIn(query: LocationQuery, today: string): Asked {
  const range = { first: text(query.first) ?? today, last: text(query.last) ?? today }
  const period = PERIODS.find((one) => one === query.period) ?? 'today'
  return {
    area: text(query.area),
    period: period === 'range' && !isPeriod(range) ? 'today' : period,
    range,
    by: RANKED.find((one) => one === query.by),
  }
}

export function queryOf({ area, period, range, by }: Asked): Record<string, string> {
  return {
    ...(area ? { area } : {}),
    ...(period === 'today' ? {} : { period }),
    ...(period === 'range' ? range : {}),
    ...(by ? { by } : {}),
  }
}
