/** A duty by its number: as synced, else as the notice told of it; and whether it is no longer on this desk. */
import { type Ref } from 'vue'
import { live } from '@/store/live'
import { fromNotice, fromTask, type Matter } from './matter'

export interface Found {
  matter: Matter | null
  /** Synced since, and not among the duties any more. */
  gone: boolean
}

const CALLED = ['whistle_blown', 'assignment_issued', 'duty_handed_on', 'meeting_decided', 'assignment_for_information']

export function useMatter(id: string): Ref<Found> {
  return live(
    async ({ db }) => {
      const task = await db.tasks.get(Number(id))
      if (task) return { matter: fromTask(task), gone: false }
      const told = await db.notices
        .filter((one) => one.subject === 'assignment' && one.subject_id === id && CALLED.includes(one.kind))
        .toArray()
      const latest = told.sort((a, b) => b.id - a.id)[0]
      const at = (await db.kept.get('at'))?.value as string | undefined
      const gone = at !== undefined && (!latest || Date.parse(at) > Date.parse(latest.created_at))
      return { matter: latest ? fromNotice(latest) : null, gone }
    },
    { matter: null, gone: false } as Found,
  )
}
