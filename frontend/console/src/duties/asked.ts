/** The steps on a duty that one dialog with a text asks for. */
import { said } from '@shared/api/client'
import type { Asking } from '@/desks/asking'
import { api } from '@/store/session'
import { t } from '@/words'
import type { Duty, DutyStep } from './standing'

export type PlainStep = Exclude<DutyStep, 'receive' | 'submit' | 'hand_on' | 'leave'>

export function askDuty(step: PlainStep, duty: Duty, seen: Pick<Asking, 'version' | 'refresh'>): Asking {
  const params = { path: { id: duty.id } }
  const title = t(`desk.step.${step}`)
  const base = { title, button: title, hint: t(`desk.ask.${step}`), ...seen }
  if (step === 'take_back')
    return {
      ...base,
      label: t('desk.note'),
      send: (note, signed) =>
        said(api.POST('/api/v1/assignments/{id}/take_back', { params, body: { note, ...signed } })),
    }
  const asks = { ...base, label: t('desk.reason'), field: 'reason' as const, required: true }
  switch (step) {
    case 'ask_return':
      return {
        ...asks,
        send: (reason, signed) =>
          said(api.POST('/api/v1/assignments/{id}/ask_return', { params, body: { reason, ...signed } })),
      }
    case 'ask_extension':
      return {
        ...asks,
        send: (reason, signed) =>
          said(api.POST('/api/v1/assignments/{id}/ask_extension', { params, body: { reason, ...signed } })),
      }
    case 'ask_waiver':
      return {
        ...asks,
        send: (reason, signed) =>
          said(api.POST('/api/v1/assignments/{id}/ask_waiver', { params, body: { reason, ...signed } })),
      }
    case 'ask_appeal':
      return {
        ...asks,
        send: (reason, signed) =>
          said(api.POST('/api/v1/assignments/{id}/ask_appeal', { params, body: { reason, ...signed } })),
      }
  }
}
