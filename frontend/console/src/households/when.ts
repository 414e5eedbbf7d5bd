/** When a household's turn is, in words. */
import { t } from '@/words'
import { isoDay } from '@/words/when'

const DAY_MS = 86_400_000

export function daysLate(due: string, today = isoDay()): number {
  return Math.round((Date.parse(today) - Date.parse(due)) / DAY_MS)
}

export function dueInWords(due: string | null | undefined, today = isoDay()): string {
  if (!due) return t('households.noDue')
  const late = daysLate(due, today)
  if (late > 0) return t('households.late', { n: late })
  return late === 0 ? t('households.today') : due
}

/** A day from now, as the server takes it. */
export function dayAhead(days: number, today = isoDay()): string {
  return new Date(Date.parse(today) + days * DAY_MS).toISOString().slice(0, 10)
}
