/** Steps taken from the list by one key: accepting at once; dispatching and whistling in a dialog on the whole report. */
import { ref, shallowRef } from 'vue'
import { Refused, said, type Schemas } from '@shared/api/client'
import { newId } from '@shared/ids'
import { api } from '@/store/session'
import { t } from '@/words'
import type { Row } from './window'

type Detail = Schemas['ReportDetail']
type Dialog = 'dispatch' | 'whistle'
const STEP = { dispatch: 'assign', whistle: 'draft_whistle' } as const

/** How far the whistle that was drafted last has come by being sent. */
function sentAs({ whistles }: Detail): 'draft' | 'pending' | 'blown' {
  const status = whistles.reduce((last, one) => (one.id > last.id ? one : last)).status
  return status === 'draft' || status === 'pending' ? status : 'blown'
}

export function useRowSteps(changed: () => unknown) {
  /** The last thing done or refused, said beside the list and to screen readers. */
  const told = ref<{ good: boolean; text: string } | null>(null)
  const report = shallowRef<Detail | null>(null)
  const dispatching = ref(false)
  const whistling = ref(false)
  const busy = ref(false)
  /** Attempts at accepting that got no answer: tried again under the same id. */
  const requests = new Map<string, string>()

  const tell = (good: boolean, text: string) => (told.value = { good, text })

  function refused(fault: unknown): void {
    if (!(fault instanceof Refused)) return void tell(false, t('common.unreachable'))
    const { problem } = fault
    const why = problem.code === 'stale_version' ? t('board.changed') : problem.detail || problem.title
    tell(false, t('board.failed', { why }))
  }

  async function alone(step: () => Promise<void>): Promise<void> {
    if (busy.value) return
    busy.value = true
    told.value = null
    try {
      await step()
    } catch (fault) {
      refused(fault)
    } finally {
      busy.value = false
      void changed()
    }
  }

  const accept = (row: Row) =>
    alone(async () => {
      const key = `${row.id} ${row.version}`
      const request_id = requests.get(key) ?? newId()
      requests.set(key, request_id)
      const body = { version: row.version ?? 1, request_id }
      await said(api.POST('/api/v1/reports/{id}/accept', { params: { path: { id: row.id } }, body }))
      requests.delete(key)
      tell(true, t('board.accepted', { number: row.number }))
    })

  const openFor = (dialog: Dialog, row: Row) =>
    alone(async () => {
      const detail = await said(api.GET('/api/v1/reports/{id}', { params: { path: { id: row.id } } }))
      if (!detail.allowed.includes(STEP[dialog])) {
        const said = { number: row.number, status: t(`board.status.${detail.status}`) }
        return void tell(false, t(dialog === 'dispatch' ? 'board.cannotDispatch' : 'board.cannotWhistle', said))
      }
      report.value = detail
      if (dialog === 'dispatch') dispatching.value = true
      else whistling.value = true
    })

  function done(dialog: Dialog, after: Detail): void {
    const { number } = after
    if (dialog === 'dispatch') tell(true, t('board.assigned', { number }))
    else tell(true, t(`board.whistled.${sentAs(after)}`, { number }))
    void changed()
  }

  return { told, report, dispatching, whistling, busy, accept, openFor, done }
}
