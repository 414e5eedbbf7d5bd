/** One duty with its report, kept as the server has it. A notice names the duty only: then the list tells its report. */
import { computed, ref, watch, type Ref } from 'vue'
import { Refused, said } from '@shared/api/client'
import { useLive } from '@/store/live'
import { api } from '@/store/session'

/** Pages of a hundred, newest first. */
const PAGES = 10

async function reportOf(duty: number): Promise<string> {
  let cursor: string | undefined
  for (let page = 0; page < PAGES; page++) {
    const answer = await said(api.GET('/api/v1/assignments', { params: { query: { cursor, page_size: 100 } } }))
    const found = answer.results.find((one) => one.id === duty)
    if (found) return found.report
    const next = answer.next ? new URL(answer.next, location.origin).searchParams.get('cursor') : null
    if (!next) break
    cursor = next
  }
  throw new Refused({ code: 'not_found', status: 404, title: '' })
}

export function useDuty(id: Ref<number>, known: (id: number) => string | undefined) {
  const report = ref<string>()
  watch(id, () => (report.value = undefined), { flush: 'sync' })
  const live = useLive(
    async () => {
      report.value ??= known(id.value) ?? (await reportOf(id.value))
      return said(api.GET('/api/v1/reports/{id}', { params: { path: { id: report.value } } }))
    },
    [id],
    (changed) => report.value === undefined || changed.has(report.value),
  )
  const duty = computed(() => live.data.value?.assignments.find((one) => one.id === id.value) ?? null)
  return { report: live.data, duty, state: live.state, problem: live.problem, ask: live.ask }
}
