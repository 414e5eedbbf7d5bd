/** Moments as people say them: 今天 14:05, 昨天 09:30, 11月3日 08:00, 2025年12月1日. */
import { t } from './index'

const DAY_MS = 86_400_000
const two = (number: number) => String(number).padStart(2, '0')
const midnight = (day: Date) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime()

export function whenInWords(at: string | Date, now = new Date()): string {
  const moment = new Date(at)
  const clock = `${two(moment.getHours())}:${two(moment.getMinutes())}`
  const days = Math.round((midnight(now) - midnight(moment)) / DAY_MS)
  if (days === 0) return `${t('common.today')} ${clock}`
  if (days === 1) return `${t('common.yesterday')} ${clock}`
  const day = dayInWords(moment, now)
  return moment.getFullYear() === now.getFullYear() ? `${day} ${clock}` : day
}

export function dayInWords(at: string | Date, now = new Date()): string {
  const moment = new Date(at)
  const said = { year: moment.getFullYear(), month: moment.getMonth() + 1, day: moment.getDate() }
  return said.year === now.getFullYear() ? t('common.dayOfYear', said) : t('common.dayOfAny', said)
}
