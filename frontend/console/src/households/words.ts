/** Colours, care tags and reasons as the server has them, asked for once while the desk is open. */
import { computed, shallowRef, type Ref } from 'vue'
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'

const PAGE_SIZE = 100
const levels = shallowRef<Schemas['RiskLevelOut'][]>([])
const tags = shallowRef<Schemas['CareTagOut'][]>([])
const reasons = shallowRef<Schemas['ColourReasonOut'][]>([])

async function fill<Row>(into: Ref<Row[]>, rows: Promise<{ results: Row[] }>): Promise<void> {
  into.value = (await rows.catch(() => ({ results: [] }))).results
}

export function useWords() {
  const params = { query: { page_size: PAGE_SIZE } }
  if (!levels.value.length) void fill(levels, said(api.GET('/api/v1/households/risk_levels', { params })))
  if (!tags.value.length) void fill(tags, said(api.GET('/api/v1/households/care_tags', { params })))
  if (!reasons.value.length) void fill(reasons, said(api.GET('/api/v1/households/colour_reasons', { params })))
  const tagNames = computed(() => new Map(tags.value.map(({ code, name }) => [code, name])))
  const reasonNames = computed(() => new Map(reasons.value.map(({ code, name }) => [code, name])))
  return { levels, tags, tagNames, reasonNames }
}
