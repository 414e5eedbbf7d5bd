/** The report a dialog is about: as it was handed in, or as it is since the dialog asked again after a conflict. */
import { computed, shallowRef, watch } from 'vue'
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'

export function useLatest(given: () => Schemas['ReportDetail']) {
  const asked = shallowRef<Schemas['ReportDetail'] | null>(null)
  const report = computed(() => {
    const handed = given()
    return asked.value && asked.value.id === handed.id && (asked.value.version ?? 0) > (handed.version ?? 0)
      ? asked.value
      : handed
  })
  watch(
    () => given().id,
    () => (asked.value = null),
  )

  async function refresh(): Promise<void> {
    const id = given().id
    asked.value = await said(api.GET('/api/v1/reports/{id}', { params: { path: { id } } })).catch(() => asked.value)
  }

  return { report, refresh }
}
