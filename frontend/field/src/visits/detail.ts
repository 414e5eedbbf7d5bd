/** A household as the phone keeps it, with what is only known online. */
import { said, type Schemas } from '@shared/api/client'
import { computed } from 'vue'
import type { Household } from '@/store/db'
import { answer } from '@/store/answers'
import { live } from '@/store/live'
import { api } from '@/store/session'

export type Detail = Schemas['HouseholdDetail']
export type VisitLine = Schemas['VisitRow']

const detailOf = (id: string) =>
  answer<Detail>(`household:${id}`, () => said(api().GET('/api/v1/households/{id}', { params: { path: { id } } })))

export const visitsOf = (id: string) =>
  answer<VisitLine[]>(`household-visits:${id}`, async () => {
    const page = await said(api().GET('/api/v1/households/{id}/visits', { params: { path: { id } } }))
    return page.results
  })

/** What became of its colour, the newest first as far as it was read. */
export const coloursOf = (id: string) =>
  answer<Schemas['ColourChangeOut'][]>(`household-colours:${id}`, async () => {
    const page = await said(api().GET('/api/v1/households/{id}/colours', { params: { path: { id } } }))
    return page.results
  })

/** `household`: null while it is looked for, false where there is none; one of no grid of mine is asked for. */
export function householdOf(id: string) {
  const row = live<Household | null | false>(async ({ db }) => (await db.households.get(id)) ?? false, null)
  const detail = detailOf(id)
  const household = computed<Household | null | false>(() => {
    if (row.value !== false) return row.value
    const found = detail.data.value
    if (found) return { ...found, residents: found.residents.length }
    return detail.state.value === 'loading' ? null : false
  })
  return { household, detail }
}
