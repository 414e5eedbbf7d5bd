/** Visits that still lie in the queue, read from it and written nowhere else. */
import type { Entry } from '@/queue/entry'
import type { VisitResult } from './body'
import { COUNTED } from './body'

export interface QueuedVisit {
  id: string
  visitedAt: string
  result: VisitResult
  refused: boolean
}

/** The latest of each household; one at which nobody was met counts for less, and a refused one for least. */
export function queuedVisits(
  entries: readonly Pick<Entry, 'id' | 'kind' | 'body' | 'state'>[],
): Map<string, QueuedVisit> {
  const found = new Map<string, QueuedVisit>()
  for (const { id, kind, body, state } of entries) {
    if (kind !== 'visit') continue
    const visit = {
      id,
      visitedAt: body.visited_at as string,
      result: body.result as VisitResult,
      refused: state === 'refused',
    }
    const before = found.get(body.household as string)
    if (!before || weight(visit) >= weight(before)) found.set(body.household as string, visit)
  }
  return found
}

/** Times in ISO 8601 of one zone compare as text. */
const weight = (visit: QueuedVisit) =>
  `${visit.refused ? 0 : counts(visit) ? 2 : 1}${new Date(visit.visitedAt).toISOString()}`

/** Whether it answers the visit that was due. */
export const counts = (visit: QueuedVisit) => !visit.refused && COUNTED.includes(visit.result)
