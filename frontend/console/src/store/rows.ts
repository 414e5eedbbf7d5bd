/**
 * A list that stays as it is under the reader's eyes: rows shown are kept up to date in place, rows that left the list
 * are marked, new ones are counted and shown when the reader asks.
 */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref } from 'vue'
import { useLive, type LiveState } from './live'

export interface Page<Row> {
  results: Row[]
  next?: string | null
}

export interface Shown<Row> {
  row: Row
  /** It no longer belongs to the list; it stays until the reader moves on. */
  gone: boolean
}

export interface Rows<Row> {
  rows: ComputedRef<Shown<Row>[]>
  /** Rows that wait to be shown. */
  fresh: ComputedRef<Row[]>
  state: Ref<LiveState>
  problem: Ref<string>
  hasMore: ComputedRef<boolean>
  more: () => Promise<void>
  /** Show what is new and let go of what left. */
  showFresh: () => void
  ask: () => Promise<void>
}

type Key = string | number

const cursorOf = (next: string | null | undefined) =>
  next ? (new URL(next, location.origin).searchParams.get('cursor') ?? undefined) : undefined

/** `load` gives the page behind a cursor; `id` tells rows apart; the list begins anew when `on` changes. */
export function useRows<Row>(
  load: (cursor?: string) => Promise<Page<Row>>,
  id: (row: Row) => Key,
  on: Ref<unknown>[] = [],
): Rows<Row> {
  let pages = 1
  /** Counts the beginnings: an answer to an earlier list is not put into this one. */
  let list = 0
  const order = shallowRef<Key[] | null>(null)
  const next = ref<string | undefined>()
  /** Every row once shown or waiting, and how it stood, so that an unchanged one stays the same object. */
  const kept = new Map<Key, { row: Row; text: string }>()

  function keep(row: Row): Row {
    const text = JSON.stringify(row)
    const before = kept.get(id(row))
    if (before?.text === text) return before.row
    kept.set(id(row), { row, text })
    return row
  }

  watch(
    on,
    () => {
      list += 1
      pages = 1
      order.value = null
      next.value = undefined
      kept.clear()
    },
    { flush: 'sync' },
  )

  const live = useLive(async () => {
    const mine = list
    const rows: Row[] = []
    let cursor: string | undefined
    for (let page = 0; page < pages; page++) {
      const answer = await load(cursor)
      rows.push(...answer.results)
      cursor = cursorOf(answer.next)
      if (!cursor) break
    }
    if (mine !== list) return []
    next.value = cursor
    const known = rows.map(keep)
    order.value ??= known.map(id)
    return known
  }, on)

  const present = computed(() => new Set((live.data.value ?? []).map(id)))
  const rows = computed(() => {
    void live.data.value
    const keys = order.value ?? []
    // Behind the last one still loaded there is more to load: what stands there was pushed down by new rows, not gone.
    const end = next.value === undefined ? keys.length : keys.map((key) => present.value.has(key)).lastIndexOf(true)
    return keys.map((key, at) => ({ row: kept.get(key)!.row, gone: at < end && !present.value.has(key) }))
  })
  const fresh = computed(() => {
    const shown = new Set(order.value)
    return order.value === null ? [] : (live.data.value ?? []).filter((row) => !shown.has(id(row)))
  })

  function showFresh(): void {
    order.value = (live.data.value ?? []).map(id)
  }

  async function more(): Promise<void> {
    const mine = list
    const from = next.value
    if (!from) return
    const answer = await load(from)
    if (mine !== list || from !== next.value) return
    pages += 1
    next.value = cursorOf(answer.next)
    const known = answer.results.map(keep)
    const shown = new Set(order.value)
    live.data.value = [...(live.data.value ?? []), ...known.filter((row) => !present.value.has(id(row)))]
    order.value = [...(order.value ?? []), ...known.map(id).filter((key) => !shown.has(key))]
  }

  return {
    rows,
    fresh,
    state: live.state,
    problem: live.problem,
    hasMore: computed(() => next.value !== undefined),
    more,
    showFresh,
    ask: live.ask,
  }
}
