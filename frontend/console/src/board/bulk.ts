/** One step on several reports: sent under request ids that stay the same until it is through. */
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'
import type { Row } from './window'

export type BulkKind = 'accept' | 'assign' | 'merge' | 'urge'
/** As many as the server takes in one go. */
export const BULK_MOST = 100

export interface BulkForm {
  lead: string
  assists: string[]
  instruction: string
  into: string
  note: string
}

export type BulkResult = Schemas['BulkResult']
type Sent = Schemas['BulkRowInRequest']

/** Of merging the report that goes on is none of those that end. */
export function sentRows(rows: Row[], kind: BulkKind, into: string, request: (id: string) => string): Sent[] {
  return rows
    .filter((row) => kind !== 'merge' || row.id !== into)
    .map((row) => ({ id: row.id, version: row.version, request_id: request(row.id) }))
}

export async function sendBulk(kind: BulkKind, reports: Sent[], form: BulkForm): Promise<BulkResult[]> {
  const note = form.note.trim()
  switch (kind) {
    case 'accept':
      return (await said(api.POST('/api/v1/reports/bulk/accept', { body: { reports } }))).results
    case 'assign': {
      const assignments: Schemas['TargetInRequest'][] = [
        { role: 'lead', department: form.lead },
        ...form.assists.map((department) => ({ role: 'assist' as const, department })),
      ]
      const body = { reports, assignments, instruction: form.instruction.trim() }
      return (await said(api.POST('/api/v1/reports/bulk/assign', { body }))).results
    }
    case 'merge':
      return (await said(api.POST('/api/v1/reports/bulk/merge', { body: { reports, into: form.into, note } }))).results
    case 'urge':
      return (await said(api.POST('/api/v1/reports/bulk/urge', { body: { reports, note } }))).results
  }
}
