/** How many households of a place have which colour, by grid. */
import { computed, type Ref } from 'vue'
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'
import { useLive } from '@/store/live'

type GridColours = Schemas['GridColourOut']
const PAGE_SIZE = 100

async function allBelow(area: string): Promise<GridColours[]> {
  const rows: GridColours[] = []
  let cursor: string | undefined
  do {
    const query = { area, page_size: PAGE_SIZE, ...(cursor ? { cursor } : {}) }
    const page = await said(api.GET('/api/v1/households/grid_colours', { params: { query } }))
    rows.push(...page.results)
    cursor = page.next ? (new URL(page.next, location.origin).searchParams.get('cursor') ?? undefined) : undefined
  } while (cursor)
  return rows.filter(({ counts }) => counts.length)
}

/** Asked only while `wanted`. No report's change concerns them. */
export function useGridColours(area: Ref<string>, wanted: Ref<boolean>) {
  const live = useLive(
    async () => (wanted.value ? await allBelow(area.value) : []),
    [area, wanted],
    () => false,
  )
  return { grids: computed(() => live.data.value ?? []), state: live.state }
}
