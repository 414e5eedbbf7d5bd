/** The list behind a number: its address is the server's own, and only addresses of such lists are opened. */
import { said, type Schemas } from '@shared/api/client'
import { api } from '@/store/session'

export interface Listed {
  reports: Schemas['ReportRow']
  whistles: Schemas['FigureWhistle']
  assignments: Schemas['FigureAssignment']
  callbacks: Schemas['FigureCallback']
  visits: Schemas['VisitRow']
  households: Schemas['HouseholdRow']
}
export type ListKind = keyof Listed
export type ListedRow = Listed[ListKind]

const KINDS: Record<string, ListKind> = {
  '/api/v1/figures/reports': 'reports',
  '/api/v1/figures/whistles': 'whistles',
  '/api/v1/figures/assignments': 'assignments',
  '/api/v1/figures/callbacks': 'callbacks',
  '/api/v1/visits/figures/visits': 'visits',
  '/api/v1/visits/figures/households': 'households',
}
/** As many as the server gives at once. */
const PAGE_SIZE = '100'

export interface FigureList {
  kind: ListKind
  path: string
  /** Of reports and what hangs on them. */
  figure: string
  /** Of visits. */
  column: string
  area: string
  first: string
  last: string
  /** Code of the department, item or worker it is narrowed to. */
  narrowed: string
  query: URLSearchParams
}

/** Null for what is no such address. */
export function figureList(address: unknown): FigureList | null {
  if (typeof address !== 'string') return null
  const [path = '', search = ''] = address.split('?')
  const kind = Object.hasOwn(KINDS, path) ? KINDS[path] : undefined
  if (!kind) return null
  const query = new URLSearchParams(search)
  const said = (name: string) => query.get(name) ?? ''
  return {
    kind,
    path,
    figure: said('figure'),
    column: said('column'),
    area: said('area'),
    first: said('first'),
    last: said('last'),
    narrowed: said('department') || said('item') || said('worker'),
    query,
  }
}

export interface ListedPage {
  results: ListedRow[]
  next?: string | null
}

export function rowsBehind(list: FigureList, cursor?: string): Promise<ListedPage> {
  const query = new URLSearchParams(list.query)
  query.set('page_size', PAGE_SIZE)
  if (cursor) query.set('cursor', cursor)
  // The address is asked as the server gave it; all lists answer pages of rows.
  const asked = `${list.path}?${query}` as '/api/v1/figures/reports'
  return said(api.GET(asked as never, {} as never)) as Promise<ListedPage>
}
