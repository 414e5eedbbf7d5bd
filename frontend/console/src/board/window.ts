/**
 * The list under a reader's eyes in a stream of new reports. The part shown ends above at what was newest when the list
 * began, so that however many come, the rows shown are asked for with as few questions as before; what is newer is asked
 * for beside them and only counted.
 */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import type { Schemas } from '@shared/api/client'
import { useRows, type Page, type Shown } from '@/store/rows'
import type { LiveState } from '@/store/live'

export type Row = Schemas['ReportRow']
export type Query = Record<string, string | string[]>
export type Ask = (query: Query, size: number, cursor?: string) => Promise<Page<Row>>

const PAGE = 50
/** As many new ones are counted; above it "99+" is said and showing them begins the list anew. */
export const FRESH_MOST = 99

export interface ReportWindow {
  rows: ComputedRef<Shown<Row>[]>
  fresh: ComputedRef<Row[]>
  manyFresh: Ref<boolean>
  state: Ref<LiveState>
  problem: Ref<string>
  hasMore: ComputedRef<boolean>
  more: () => Promise<void>
  /** Begins anew at the newest; the rows shown stay until the answer is here. */
  renew: () => void
  ask: () => Promise<void>
}

const moment = (said: string | string[] | undefined) => (typeof said === 'string' ? Date.parse(said) : NaN)
const iso = (at: number) => new Date(at).toISOString()

/** The conditions of the part at and below the anchor and of the part above it; the anchor in milliseconds. */
export function parted(query: Query, anchor: number): { below: Query; above: Query } {
  const edge = anchor + 1
  const until = moment(query.received_before)
  const from = moment(query.received_after)
  return {
    below: { ...query, received_before: iso(Number.isNaN(until) ? edge : Math.min(edge, until)) },
    above: { ...query, received_after: iso(Number.isNaN(from) ? edge : Math.max(edge, from)) },
  }
}

export function useReportWindow(query: Ref<Query>, asking: Ask): ReportWindow {
  const begun = ref(0)
  const manyFresh = ref(false)
  const before = ref<Shown<Row>[] | null>(null)
  /** The list reaches down to here; null: to its end. What lies below was not asked for, so it is not known to be gone. */
  let reach: string | null = null
  let anchor: number | null = null
  let of = ''

  async function load(cursor?: string): Promise<Page<Row>> {
    const mine = JSON.stringify([query.value, begun.value])
    if (mine !== of) {
      of = mine
      anchor = null
      manyFresh.value = false
    }
    const said = query.value
    let page: Page<Row>
    if (anchor === null) {
      page = await asking(said, PAGE)
      const newest = page.results[0]
      if (newest && mine === of) anchor = Date.parse(newest.received_at)
    } else {
      const { below, above } = parted(said, anchor)
      if (cursor) page = await asking(below, PAGE, cursor)
      else {
        const [newer, shown] = await Promise.all([asking(above, FRESH_MOST), asking(below, PAGE)])
        manyFresh.value = !!newer.next
        const seen = new Set(newer.results.map((row) => row.id))
        page = { results: [...newer.results, ...shown.results.filter((row) => !seen.has(row.id))], next: shown.next }
      }
    }
    reach = page.next ? (page.results.at(-1)?.received_at ?? null) : null
    before.value = null
    return page
  }

  const list = useRows(load, (row) => row.id, [query, begun])
  const rows = computed(() => {
    if (before.value) return before.value
    return list.rows.value.map((shown) => ({
      row: shown.row,
      gone: shown.gone && (reach === null || shown.row.received_at >= reach),
    }))
  })

  function renew(): void {
    before.value = rows.value
    begun.value += 1
  }

  return {
    rows,
    fresh: computed(() => (before.value ? [] : list.fresh.value)),
    manyFresh,
    state: list.state,
    problem: list.problem,
    hasMore: list.hasMore,
    more: list.more,
    renew,
    ask: list.ask,
  }
}
