/** A report as the server tells it in full; kept for when there is no signal. */
import { watch } from 'vue'
import { said, type Schemas } from '@shared/api/client'
import { answer } from '@/store/answers'
import { api } from '@/store/session'

/** Asked again when the synced `version` says that something has happened. */
export function reportDetail(id: string, version: () => number | undefined) {
  const detail = answer<Schemas['ReportDetail']>(`report:${id}`, () =>
    said(api().GET('/api/v1/reports/{id}', { params: { path: { id } } })),
  )
  watch(version, (now, before) => {
    if (before !== undefined && now !== undefined) void detail.ask()
  })
  return detail
}
