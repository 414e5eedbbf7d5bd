/** Limits in words: 4 工作时, 2.5 个工作日. */
import type { Schemas } from '@shared/api/client'
import { t } from '@/words'

type Unit = Schemas['LimitUnit']

/** Empty where there is none yet; less than an hour is said in minutes. */
export function limitInWords(amount: string | number | null | undefined, unit: string | null | undefined): string {
  if (!amount || !unit) return ''
  const n = Number(amount)
  const minutes = { urgent_hour: 'report.minutes', work_hour: 'report.workMinutes' } as const
  if (n < 1 && (unit === 'urgent_hour' || unit === 'work_hour')) return t(minutes[unit], { n: Math.round(n * 60) })
  return t(`dispatch.limitUnit.${unit as Unit}`, { n })
}
