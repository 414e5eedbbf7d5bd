/** Moments as people say them: 今天 14:05, 昨天 09:30, 11月3日 08:00, 2025年12月1日; always in the time of Shanghai. */
import { t } from './index'

const DAY_MS = 86_400_000
const ZONE = 8 * 3_600_000
const two = (number: number) => String(number).padStart(2, '0')
/** The wall clock of Shanghai, which knows no summer time, in the fields UTC has. */
const local = (at: Date) => new Date(at.getTime() + ZONE)
const dayOf = (at: Date) => Math.floor(at.getTime() / DAY_MS)

export function whenInWords(at: string | Date, now = new Date()): string {
  const moment = local(new Date(at))
  const today = local(now)
  const clock = `${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}`
  const days = dayOf(today) - dayOf(moment)
  if (days === 0) return `${t('common.today')} ${clock}`
  if (days === -1) return `${t('common.tomorrow')} ${clock}`
  if (days === 1) return `${t('common.yesterday')} ${clock}`
  const said = { year: moment.getUTCFullYear(), month: moment.getUTCMonth() + 1, day: moment.getUTCDate() }
  if (said.year === today.getUTCFullYear()) return `${t('common.dayOfYear', said)} ${clock}`
  // Of what is to come, such as a meeting in January, the hour matters.
  return days < 0 ? `${t('common.dayOfAny', said)} ${clock}` : t('common.dayOfAny', said)
}

/** How the parts of a countdown and of a length are said here. */
export const sayTime = (key: string, values: Record<string, unknown> = {}) =>
  t(key.replace('tasks.', 'common.'), values)

/** 11月28日, of a day as the server writes it. */
export function dayInWords(day: string): string {
  const [, month, date] = day.split('-').map(Number)
  return t('common.dayOfYear', { month: month!, day: date! })
}

/** 2026-11-26: a day as the server takes it. */
export function isoDay(at = new Date()): string {
  return local(at).toISOString().slice(0, 10)
}
