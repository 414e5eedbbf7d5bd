import { effectScope, nextTick, ref, type EffectScope } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { tell } from './changes'
import { useRows, type Page, type Rows } from './rows'

interface Row {
  id: number
  text: string
}

const SIZE = 3
let server: Row[]
let scope: EffectScope
let list: Rows<Row>
const filter = ref('a')
let answer: (rows: Row[], cursor?: string) => Promise<Page<Row>>

/** Pages by a cursor that counts, as the server's are by a key. */
async function page(rows: Row[], cursor?: string): Promise<Page<Row>> {
  const from = Number(cursor ?? 0)
  const more = from + SIZE < rows.length
  return { results: rows.slice(from, from + SIZE), next: more ? `/api?cursor=${from + SIZE}` : null }
}

const row = (id: number, text = '') => ({ id, text })
const shown = () => list.rows.value.map(({ row, gone }) => `${row.id}${row.text}${gone ? ' gone' : ''}`)

async function changed(): Promise<void> {
  tell(null)
  await vi.advanceTimersByTimeAsync(2_000)
}

beforeEach(async () => {
  vi.useFakeTimers()
  filter.value = 'a'
  answer = page
  server = [row(3), row(2), row(1)]
  scope = effectScope()
  list = scope.run(() =>
    useRows(
      (cursor) => answer(server, cursor),
      (one) => one.id,
      [filter],
    ),
  )!
  await vi.advanceTimersByTimeAsync(0)
})

afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

describe('a list under the reader’s eyes', () => {
  it('keeps its rows where they are and counts what is new', async () => {
    server = [row(5), row(4), row(3), row(2, ' changed'), row(1)]
    await changed()
    expect(shown()).toEqual(['3', '2', '1'])
    expect(list.fresh.value.map(({ id }) => id)).toEqual([5, 4])
    list.showFresh()
    expect(shown()).toEqual(['5', '4', '3'])
    expect(list.fresh.value).toEqual([])
  })

  it('marks what left, but not what new rows pushed to the next page', async () => {
    server = [row(4), row(3), row(1), row(0)]
    await changed()
    expect(shown()).toEqual(['3', '2 gone', '1'])
    server = [row(6), row(5), row(4), row(3), row(1)]
    await changed()
    expect(shown()).toEqual(['3', '2', '1'])
  })

  it('keeps an unchanged row the same object', async () => {
    const before = list.rows.value[0].row
    server = [row(3), row(2, ' changed'), row(1)]
    await changed()
    expect(list.rows.value[0].row).toBe(before)
    expect(shown()).toEqual(['3', '2 changed', '1'])
  })

  it('loads more without doubling what slipped down meanwhile', async () => {
    server = [row(3), row(2), row(1), row(0), row(-1)]
    await changed()
    server = [row(4), ...server]
    await list.more()
    expect(shown()).toEqual(['3', '2', '1', '0', '-1'])
  })

  it('puts no late answer of the filter before into the new list', async () => {
    let late: (value: Page<Row>) => void = () => {}
    answer = () => new Promise((resolve) => (late = resolve))
    tell(null)
    await vi.advanceTimersByTimeAsync(2_000)
    const before = late
    answer = async () => ({ results: [row(9)], next: null })
    filter.value = 'b'
    await nextTick()
    await vi.advanceTimersByTimeAsync(0)
    before({ results: [row(7)], next: null })
    await vi.advanceTimersByTimeAsync(0)
    expect(shown()).toEqual(['9'])
  })
})
