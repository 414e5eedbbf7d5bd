/** Where a notice leads. */
import type { RouteLocationRaw } from 'vue-router'
import type { Notice, PersonDb } from '@/store/db'
import { paramsOf } from '@/tasks/matter'

const READ_ONLY = ['announcement', 'colour_change', 'service_record', 'team', 'registration', 'team_call']

/** The page of what a notice is about; null where the text is all there is. */
export function placeOf(notice: Notice): RouteLocationRaw | null {
  const { subject, subject_id: id } = notice
  if (notice.kind === 'unanswered') return reportAt(paramsOf(paramsOf(notice) as { params: unknown }).report)
  if (subject === 'assignment') return { name: 'task', params: { id } }
  if (subject === 'field_check' && notice.kind === 'field_check_asked') return { name: 'check', params: { id } }
  if (subject === 'household') return { name: 'household', params: { id } }
  if (READ_ONLY.includes(subject)) return null
  return reportAt(subject === 'report' ? id : paramsOf(notice).report)
}

const reportAt = (report: unknown): RouteLocationRaw | null =>
  typeof report === 'string' && report ? { name: 'report', params: { id: report } } : null

/** The same, but to the person's own duty where there is one on that report. */
export async function nearestPlaceOf(notice: Notice, db: PersonDb): Promise<RouteLocationRaw | null> {
  const place = placeOf(notice) as { name: string; params: { id: string } } | null
  if (place?.name !== 'report') return place
  const duty = await db.tasks.filter((task) => task.report.id === place.params.id).first()
  return duty ? { name: 'task', params: { id: duty.id } } : place
}
