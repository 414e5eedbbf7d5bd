/** What a board shows: kept in the address, so that a link, a reload and the way back show the same list. */
import type { LocationQuery, LocationQueryRaw } from 'vue-router'
import type { Schemas } from '@shared/api/client'
import { STATUSES, type Status } from '@/parts/statuses'

export type Source = Schemas['Source']
export type Urgency = Schemas['Urgency']
export type Light = Schemas['LightEnum']

/** What is still to be done: what a board shows unless something else is asked for. */
export const POOL = STATUSES.slice(0, 6)
export const SOURCES = ['grid', 'resident', 'hotline', 'digital_city', 'petition', 'other'] as const
export const URGENCIES = ['normal', 'urgent', 'emergency'] as const
export const LIGHTS = ['red', 'yellow', 'green'] as const

export interface Filter {
  /** Empty: any. */
  status: Status[]
  source: Source[]
  urgency: Urgency[]
  light?: Light
  overdue?: boolean
  area?: string
  item?: string
  department?: string
  received_after?: string
  received_before?: string
  q?: string
}

/** The single values and the kinds of them that have to be looked up to be said. */
export const NAMED = ['area', 'item', 'department'] as const
export type Named = (typeof NAMED)[number]
const TEXTS = [...NAMED, 'received_after', 'received_before', 'q'] as const
const ANY = 'any'

export const pool = (): Filter => ({ status: [...POOL], source: [], urgency: [] })

const all = (said: LocationQuery[string]) => [said ?? []].flat().filter((one): one is string => !!one)
const known = <T extends string>(said: string[], allowed: readonly T[]) => allowed.filter((one) => said.includes(one))

/** Of an address; what it does not know is passed over. */
export function fromAddress(query: LocationQuery): Filter {
  const status = all(query.status)
  const filter: Filter = {
    status: status.includes(ANY) ? [] : status.length ? known(status, STATUSES) : [...POOL],
    source: known(all(query.source), SOURCES),
    urgency: known(all(query.urgency), URGENCIES),
  }
  const light = known(all(query.light), LIGHTS)[0]
  if (light) filter.light = light
  if (all(query.overdue)[0] === 'true') filter.overdue = true
  for (const name of TEXTS) {
    const text = all(query[name])[0]
    if (text) filter[name] = text
  }
  return filter
}

export const isPool = (status: readonly Status[]) =>
  status.length === POOL.length && POOL.every((one) => status.includes(one))

/** For the address: short where it is the pool. */
export function toAddress(filter: Filter): LocationQueryRaw {
  const { status, ...rest } = toQuery(filter)
  return isPool(filter.status) ? rest : { status: status ?? ANY, ...rest }
}

/** Names of the list's own filters, as the server has them. */
export function toQuery(filter: Filter) {
  return {
    ...(filter.status.length ? { status: filter.status } : {}),
    ...(filter.source.length ? { source: filter.source } : {}),
    ...(filter.urgency.length ? { urgency: filter.urgency } : {}),
    ...(filter.light ? { light: filter.light } : {}),
    ...(filter.overdue ? { overdue: 'true' as const } : {}),
    ...Object.fromEntries(TEXTS.flatMap((name) => (filter[name] ? [[name, filter[name]]] : []))),
  }
}

/** As a saved filter keeps it: every value in a list. */
export function toSaved(filter: Filter): Record<string, string[]> {
  return Object.fromEntries(Object.entries(toQuery(filter)).map(([name, said]) => [name, [said].flat()]))
}

/** A filter saved for any status says none; an address that says none means the pool. */
export const fromSaved = (query: Record<string, string[]>): Filter =>
  fromAddress(query.status ? query : { ...query, status: ANY })

/** Whether two filters ask for the same. */
export const same = (a: Filter, b: Filter) => JSON.stringify(toQuery(a)) === JSON.stringify(toQuery(b))

export function toggled<T>(chosen: readonly T[], one: T): T[] {
  return chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one]
}
