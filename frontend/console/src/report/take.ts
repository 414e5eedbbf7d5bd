/** Taking a step: one address per step, the same answer from all of them. */
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'
import type { Signed } from '@/parts/StepForm'
import type { Subject } from './steps'

const ROOTS: Record<Subject, string> = {
  report: 'reports',
  assignment: 'assignments',
  whistle: 'whistles',
  request: 'requests',
  field_check: 'field_checks',
}
/** These watch the matter and do not move it: they carry no version. */
const UNVERSIONED = new Set(['report.supervise', 'report.cards'])

/** The report as it stands afterwards. The names of steps are checked by the table they come from, not by types. */
export function take(
  on: Subject,
  id: string | number,
  step: string,
  { request_id, version }: Signed,
  body: Record<string, unknown>,
): Promise<Schemas['ReportDetail']> {
  const path = `/api/v1/${ROOTS[on]}/{id}/${step}` as '/api/v1/reports/{id}/approve'
  const signed = UNVERSIONED.has(`${on}.${step}`) ? { request_id } : { request_id, version }
  return said(api.POST(path, { params: { path: { id: String(id) } }, body: { ...body, ...signed } as never }))
}
