/** Numbers, rates and the server's words for them. */
import { shallowRef } from 'vue'
import type { Schemas } from '@shared/api/client'
import { t } from '@/words'

export type Overview = Schemas['OverviewOut']
export type Figure = Schemas['NumberOut']
export type Rate = Schemas['RateOut']

/** Each figure and rate in the words of the last answer, kept for the lists behind it. */
export const figureWords = shallowRef<Record<string, string>>({})

const grouped = new Intl.NumberFormat('en')
export const countInWords = (count: number) => grouped.format(count)

/** Nothing to divide by is said with a dash. */
export function shareInWords(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${(value * 100).toFixed(1)}%`
}

export function rateInWords({ value, unit }: Pick<Rate, 'value' | 'unit'>): string {
  if (value === null) return '–'
  if (unit === 'hours') return t('overview.hours', { n: value.toFixed(1) })
  if (unit === 'minutes') return t('overview.minutes', { n: value.toFixed(value < 10 ? 1 : 0) })
  return unit === 'score' ? value.toFixed(2) : shareInWords(value)
}
