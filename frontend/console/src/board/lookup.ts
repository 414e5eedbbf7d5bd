/** Finding areas, items and units by name, and saying by name what the address has as a code. */
import { shallowRef, triggerRef } from 'vue'
import { said } from '@shared/api/client'
import type { Found } from '@/parts/found'
import { api } from '@/store/session'
import type { Named } from './filter'

const SIZE = 12

/** Names met so far, by kind and code. */
const names = shallowRef(new Map<string, string>())
const asked = new Set<string>()
const key = (kind: Named, code: string) => `${kind} ${code}`

export function remember(kind: Named, { code, name }: Found): void {
  names.value.set(key(kind, code), name)
  triggerRef(names)
}

/** Asks once for a name not met yet; until it is here the code is said. */
export function nameOf(kind: Named, code: string): string {
  const known = names.value.get(key(kind, code))
  if (known) return known
  if (!asked.has(key(kind, code))) {
    asked.add(key(kind, code))
    void fetchName(kind, code)
      .then((name) => name && remember(kind, { code, name }))
      .catch(() => asked.delete(key(kind, code)))
  }
  return code
}

async function fetchName(kind: Named, code: string): Promise<string | undefined> {
  if (kind === 'area') return (await said(api.GET('/api/v1/areas/{code}', { params: { path: { code } } }))).name
  if (kind === 'item') return (await said(api.GET('/api/v1/catalogue/{code}', { params: { path: { code } } }))).name
  const units = await said(api.GET('/api/v1/departments', { params: { query: { within: code } } }))
  return units.results.find((unit) => unit.code === code)?.name
}

export async function find(kind: Named, q: string): Promise<Found[]> {
  const query = { q, page_size: SIZE }
  if (kind === 'item') {
    const { results } = await said(api.GET('/api/v1/catalogue', { params: { query } }))
    return results.map((item) => ({ code: item.code, name: item.name, hint: item.class_name }))
  }
  if (kind === 'department') {
    const { results } = await said(api.GET('/api/v1/departments', { params: { query: { ...query, is_active: true } } }))
    return results.map((unit) => ({ code: unit.code, name: unit.name }))
  }
  const { results } = await said(api.GET('/api/v1/areas', { params: { query } }))
  return results.map((area) => ({ code: area.code, name: area.name, hint: area.code }))
}
