/** Entries for the tests. */
import type { Picture } from '@/store/db'
import type { Entry, NewEntry } from './entry'

let count = 0

export function anEntry({
  pictures = [],
  ...given
}: Partial<Omit<Entry, 'pictures'>> & { pictures?: string[] } = {}): Entry {
  const id = given.id ?? `entry-${++count}`
  return {
    id,
    seq: 1,
    kind: 'report',
    title: '暴露垃圾',
    chain: `report:${id}`,
    method: 'PUT',
    path: `reports/${id}`,
    body: { description: '塑料瓶成堆' },
    names: id,
    bodySent: false,
    state: 'waiting',
    attempts: 0,
    nextAt: '2026-11-26T05:00:00.000Z',
    failure: null,
    createdAt: '2026-11-26T05:00:00.000Z',
    ...given,
    pictures: pictures.map((sha256) => ({
      sha256,
      size: 3,
      kind: 'near',
      path: `reports/${id}/photos/${sha256}`,
      sent: false,
    })),
  }
}

/** As a page hands it in. */
export function handedIn(given: Parameters<typeof anEntry>[0]): NewEntry {
  const { id, kind, title, chain, method, path, body, names, pictures } = anEntry(given)
  return { id, kind, title, chain, method, path, body, names, pictures }
}

export const aPicture = (sha256: string): Picture => ({
  sha256,
  bytes: new TextEncoder().encode(sha256).buffer,
  size: sha256.length,
  takenAt: '2026-11-26T05:00:00.000Z',
  position: null,
})
