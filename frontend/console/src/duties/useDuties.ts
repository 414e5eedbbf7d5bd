/** The duties of a unit or a person as rows. */
import type { Ref } from 'vue'
import { said, type Schemas } from '@shared/api/client'
import { useRows } from '@/store/rows'
import { api } from '@/store/session'
import type { DutyRow } from './standing'

export type View = 'todo' | 'waiting' | 'done'

/** Of which states a view consists; what is open and answered waits for the street. */
const STATES: Record<View, Schemas['AssignmentStatus'][]> = {
  todo: ['issued', 'received', 'reported_in', 'rework', 'no_show'],
  waiting: ['submitted', 'returned'],
  done: ['approved', 'waived'],
}
/** Open duties are ordered by light here, so they come in large pages. */
const PAGE: Record<View, number> = { todo: 100, waiting: 50, done: 25 }

export interface Scope {
  /** Code of a unit; none: everything this person may see. */
  department?: string
  mine?: boolean
}

export function useDuties(scope: Ref<Scope>, view: Ref<View>) {
  return useRows<DutyRow>(
    (cursor) => {
      const query = {
        ...scope.value,
        status: STATES[view.value],
        ...(view.value === 'done' ? {} : { active: true }),
        page_size: PAGE[view.value],
        cursor,
      }
      return said(api.GET('/api/v1/assignments', { params: { query } }))
    },
    (row) => row.id,
    [scope, view],
  )
}
