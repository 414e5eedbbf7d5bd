/** Which households are looked for, kept in the page's address. */
import type { LocationQuery } from 'vue-router'
import { dayAhead } from './when'
import { isoDay } from '@/words/when'

export const DUES = ['', 'today', 'week'] as const
export type Due = (typeof DUES)[number]

export interface Looked {
  colour: string
  community: string
  grid: string
  tag: string
  code: string
  due: Due
  unconfirmed: boolean
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')

export function lookedFor(query: LocationQuery): Looked {
  return {
    colour: text(query.colour),
    community: text(query.community),
    grid: text(query.grid),
    tag: text(query.tag),
    code: text(query.code),
    due: DUES.find((one) => one === query.due) ?? '',
    unconfirmed: query.unconfirmed === 'true',
  }
}

/** Without what is not asked for. */
export function addressOf(looked: Looked): Record<string, string> {
  return Object.fromEntries(Object.entries(looked).flatMap(([name, value]) => (value ? [[name, `${value}`]] : [])))
}

/** As the server takes it. */
export function conditions({ colour, community, grid, tag, code, due, unconfirmed }: Looked, today = isoDay()) {
  return {
    ...(colour ? { colour: [colour] } : {}),
    ...(community ? { community } : {}),
    ...(grid ? { grid } : {}),
    ...(tag ? { tag } : {}),
    ...(code ? { code } : {}),
    ...(due ? { due_by: due === 'today' ? today : dayAhead(7, today) } : {}),
    ...(unconfirmed ? { unconfirmed } : {}),
  }
}
