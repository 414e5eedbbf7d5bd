/** The deadlines that would start now, asked of the server while a dialog is open, and how the calendar counts them. */
import { computed, type Ref } from 'vue'
import { said, type Schemas } from '@shared/api/client'
import { useLive } from '@/store/live'
import { api } from '@/store/session'
import { t } from '@/words'
import { dayInWords, whenInWords } from '@/words/when'
import { limitInWords } from './limits'

export type Ahead = Schemas['AheadOut']
export type AheadTold = Schemas['DeadlinesAhead']

/** Asked each minute, since they move with the time; null until the server has told. */
export function useAhead(report: () => string, open: Ref<boolean>): Ref<AheadTold | null> {
  const id = computed(report)
  const ask = () => said(api.GET('/api/v1/reports/{id}/ahead', { params: { path: { id: id.value } } }))
  return useLive<AheadTold | null>(
    async () => (open.value ? ask() : null),
    [id, open],
    () => false,
  ).data
}

export function aheadOf(told: AheadTold | null, clock: Ahead['clock'], whistle: Ahead['whistle'] = ''): Ahead | null {
  return told?.deadlines.find((one) => one.clock === clock && one.whistle === whistle) ?? null
}

/** Plain hours where they run day and night: how they are counted is said beside them. */
export function limitOf(ahead: Ahead | null): string {
  if (!ahead) return ''
  if (ahead.unit === 'urgent_hour' && Number(ahead.amount) >= 1) return t('dispatch.hours', { n: Number(ahead.amount) })
  return limitInWords(ahead.amount, ahead.unit)
}

/** Why it is due when it is: which hours count, from when, which days do not. */
export function countedHow(ahead: Ahead, told: AheadTold): string {
  const always = ahead.unit === 'urgent_hour' || ahead.unit === 'natural_day'
  if (always) return t('dispatch.counted.always')
  const said = [t('dispatch.counted.periods', { periods: told.periods.map(plainly).join(t('dispatch.counted.and')) })]
  if (Date.parse(ahead.begins_at) > Date.parse(told.at))
    said.push(t('dispatch.counted.begins', { at: whenInWords(ahead.begins_at) }))
  if (ahead.days_off.length) {
    const days = ahead.days_off.map(dayInWords).join(t('dispatch.counted.comma'))
    said.push(
      ahead.days_off_more
        ? t('dispatch.counted.daysOffMore', { days, n: ahead.days_off.length + ahead.days_off_more })
        : t('dispatch.counted.daysOff', { days }),
    )
  }
  if (ahead.estimated) said.push(t('dispatch.counted.estimated'))
  return said.join(t('dispatch.counted.stop'))
}

const plainly = (period: string) => period.replace('-', '–')
