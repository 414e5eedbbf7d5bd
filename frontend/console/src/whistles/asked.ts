/** The steps on a whistle and its duties that one dialog with a text asks for. */
import { said } from '@shared/api/client'
import type { Asking } from '@/desks/asking'
import { api } from '@/store/session'
import { t } from '@/words'
import type { Duty, Whistle } from './watch'

type Plain = 'request' | 'approve' | 'decline' | 'withdraw' | 'close'

/** `seen`: where the report is on screen, its version and how to ask for it anew. */
export function askWhistle(step: Plain, whistle: Whistle, seen: Pick<Asking, 'version' | 'refresh'> = {}): Asking {
  const params = { path: { id: whistle.id } }
  const title = t(`desk.step.${step}`)
  const base = { title, button: title, ...seen, hint: t(`desk.ask.${step}`) }
  const of = ({ request_id, version }: { request_id: string; version: number }) => ({
    request_id,
    ...(seen.version ? { version } : {}),
  })
  switch (step) {
    case 'request':
      return {
        ...base,
        send: (_, signed) => said(api.POST('/api/v1/whistles/{id}/request', { params, body: of(signed) })),
      }
    case 'approve':
      return {
        ...base,
        label: t('desk.note'),
        send: (note, signed) =>
          said(api.POST('/api/v1/whistles/{id}/approve', { params, body: { note, ...of(signed) } })),
      }
    case 'decline':
      return {
        ...base,
        label: t('desk.reason'),
        required: true,
        danger: true,
        send: (note, signed) =>
          said(api.POST('/api/v1/whistles/{id}/decline', { params, body: { note, ...of(signed) } })),
      }
    case 'withdraw':
      return {
        ...base,
        label: t('desk.reason'),
        required: true,
        danger: true,
        send: (note, signed) =>
          said(api.POST('/api/v1/whistles/{id}/withdraw', { params, body: { note, ...of(signed) } })),
      }
    case 'close':
      return {
        ...base,
        label: t('desk.note'),
        send: (note, signed) =>
          said(api.POST('/api/v1/whistles/{id}/close', { params, body: { note, ...of(signed) } })),
      }
  }
}

export function askOfUnit(step: 'release' | 'waive', duty: Duty): Asking {
  const params = { path: { id: duty.id } }
  const name = duty.department?.name ?? duty.assignee?.name ?? ''
  const title = `${t(`desk.step.${step}`)} · ${name}`
  const button = t(`desk.step.${step}`)
  const hint = t(`desk.ask.${step}`)
  return step === 'release'
    ? {
        ...{ title, button, hint, label: t('desk.note') },
        send: (note, { request_id }) =>
          said(api.POST('/api/v1/assignments/{id}/release', { params, body: { note, request_id } })),
      }
    : {
        ...{ title, button, hint, label: t('desk.reason'), field: 'reason', required: true, danger: true },
        send: (reason, { request_id }) =>
          said(api.POST('/api/v1/assignments/{id}/waive', { params, body: { reason, request_id } })),
      }
}
