/** A week of turns by day, and the hours of a day for which nobody is in charge. Days are those of Shanghai. */
import { isoDay } from '@/words/when'
import type { Schemas } from '@shared/api/client'

export type Shift = Schemas['ShiftOut']

const MINUTE = 60_000
const DAY = 1440 * MINUTE
const two = (number: number) => String(number).padStart(2, '0')

export const startOf = (day: string) => Date.parse(`${day}T00:00:00+08:00`)
export const addDays = (day: string, days: number) => isoDay(new Date(startOf(day) + days * DAY))

/** The seven days from Monday of the week this day lies in. */
export function weekOf(day: string): string[] {
  const since = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
  return Array.from({ length: 7 }, (_none, number) => addDays(day, number - since))
}

/** 18:30 */
export function clockOf(at: string | number): string {
  const local = new Date(new Date(at).getTime() + 8 * 60 * MINUTE)
  return `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}`
}

/** How many days after `day` this moment lies; 24:00 of a day counts to that day. */
export const daysAfter = (day: string, at: string) => Math.max(0, Math.ceil((Date.parse(at) - startOf(day)) / DAY) - 1)

export interface OnDay {
  shift: Shift
  /** It began on an earlier day. */
  goesOn: boolean
}

/** The turns that run at any time of this day, by their beginning, those in charge first. */
export function onDay(shifts: Shift[], day: string): OnDay[] {
  const from = startOf(day)
  return shifts
    .filter((shift) => Date.parse(shift.starts_at) < from + DAY && Date.parse(shift.ends_at) > from)
    .sort((a, b) => a.starts_at.localeCompare(b.starts_at) || (b.role ?? '').localeCompare(a.role ?? ''))
    .map((shift) => ({ shift, goesOn: Date.parse(shift.starts_at) < from }))
}

/** The hours of a day without a turn in force of somebody in charge, as ["00:00", "08:00"]. */
export function uncovered(shifts: Shift[], day: string): [string, string][] {
  const from = startOf(day)
  const held = shifts
    .filter((shift) => !shift.cancelled_at && shift.role !== 'deputy')
    .map((shift) => [Date.parse(shift.starts_at), Date.parse(shift.ends_at)])
    .sort((a, b) => a[0] - b[0])
  const free: [string, string][] = []
  let reached = from
  for (const [start, end] of [...held, [from + DAY, from + DAY]]) {
    const until = Math.min(start, from + DAY)
    if (until > reached) free.push([clockOf(reached), until === from + DAY ? '24:00' : clockOf(until)])
    reached = Math.max(reached, end)
  }
  return free
}
