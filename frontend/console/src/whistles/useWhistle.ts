/**
 * One whistle as the server has it: its report with every step, told by the socket, and how far the call has come to
 * each person. A notice that reaches a phone or is looked at is no step of the report and is not told; while the whistle
 * runs that is asked for every few seconds.
 */
import { computed, onScopeDispose, ref, watch, type Ref } from 'vue'
import { Refused, said, type Schemas } from '@shared/api/client'
import { useLive } from '@/store/live'
import { api } from '@/store/session'
import { runs, type Whistle } from './watch'

const EVERY = 3000
/** Pages of a hundred, newest first; whoever follows a notice looks for a young one. */
const PAGES = 10

type Delivery = Schemas['WhistleDelivery']

/** Who is called may not watch the others: then there is nobody's way to show. */
async function deliveryOf(id: number): Promise<Delivery | null> {
  try {
    return await said(api.GET('/api/v1/whistles/{id}/delivery', { params: { path: { id } } }))
  } catch (fault) {
    if (fault instanceof Refused && fault.problem.status === 403) return null
    throw fault
  }
}

/** The report of a whistle; nothing names it but the duties it called to and the list. */
async function reportOf(id: number): Promise<string> {
  const known = (await deliveryOf(id))?.assignments[0]?.report
  if (known) return known
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const answer = await said(api.GET('/api/v1/whistles', { params: { query: { cursor, page_size: 100 } } }))
    const found = answer.results.find((one) => one.id === id)
    if (found) return found.report
    const next = answer.next ? new URL(answer.next, location.origin).searchParams.get('cursor') : null
    if (!next) break
    cursor = next
  }
  throw new Refused({ code: 'not_found', status: 404, title: '' })
}

export function useWhistle(id: Ref<number>, hint: Ref<string | undefined>) {
  const report = ref(hint.value)
  watch(id, () => (report.value = hint.value))

  const live = useLive(
    async () => {
      report.value ??= await reportOf(id.value)
      return said(api.GET('/api/v1/reports/{id}', { params: { path: { id: report.value } } }))
    },
    [id],
    (changed) => report.value === undefined || changed.has(report.value),
  )
  const whistle = computed<Whistle | null>(() => live.data.value?.whistles.find((one) => one.id === id.value) ?? null)
  const delivery = useLive(
    () => deliveryOf(id.value),
    [id],
    (changed) => report.value !== undefined && changed.has(report.value),
  )

  const timer = setInterval(() => {
    if (!document.hidden && whistle.value && runs(whistle.value) && delivery.data.value) void delivery.ask()
  }, EVERY)
  onScopeDispose(() => clearInterval(timer))

  const refresh = () => Promise.all([live.ask(), delivery.ask()])
  return { report: live.data, state: live.state, problem: live.problem, whistle, delivery: delivery.data, refresh }
}
