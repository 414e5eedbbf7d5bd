/** Days and turns in words. */
import { i18n, t } from '@/words'
import { daysBetween } from './days'
import { counts, type QueuedVisit } from './queued'

/** 12月3日 周四. */
export function dayInWords(day: string): string {
  const date = new Date(`${day}T00:00:00+08:00`)
  const locale = i18n.global.locale.value === 'en' ? 'en' : 'zh-CN'
  const far = Math.abs(date.getTime() - Date.now()) > 300 * 86_400_000
  return date.toLocaleDateString(locale, {
    ...(far && { year: 'numeric' }),
    month: 'short',
    day: 'numeric',
    ...(!far && { weekday: 'short' }),
    timeZone: 'Asia/Shanghai',
  })
}

/** 超期 3 天, 今天到期, 12月3日 周四 到期. */
export function dueInWords(due: string | null, today: string): string {
  if (!due) return t('visits.due.none')
  const left = daysBetween(today, due)
  if (left < 0) return t('visits.due.late', { n: -left })
  if (left === 0) return t('visits.due.today')
  if (left === 1) return t('visits.due.tomorrow')
  return t('visits.due.on', { date: dayInWords(due) })
}

export function queuedInWords(visit: QueuedVisit): string {
  if (visit.refused) return t('visits.queuedRefused')
  return t(counts(visit) ? 'visits.queued' : 'visits.queuedVain')
}

/** 14:05, on this phone's clock. */
export function timeInWords(at: string): string {
  const locale = i18n.global.locale.value === 'en' ? 'en-GB' : 'zh-CN'
  return new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit', hour12: false })
}
