/** What a list behind a number shows of a row, by the kind of the list. */
import type { RouteLocationRaw } from 'vue-router'
import type { Listed, ListKind, ListedRow } from './figureList'
import { t } from '@/words'
import { whenInWords } from '@/words/when'

export interface Column<Row> {
  head: string
  text: (row: Row) => string
  /** The cell opens this. */
  to?: (row: Row) => RouteLocationRaw
  /** Drawn as a light, a status or a colour beside its text. */
  as?: 'light' | 'status' | 'colour'
  numeric?: boolean
}

const when = (at: string | null | undefined) => (at ? whenInWords(at) : '–')
const metres = (distance: number | null | undefined) =>
  distance === null || distance === undefined ? '–' : t('common.metres', { n: Math.round(distance) })
const people = (some: { username: string; full_name?: string }[]) =>
  some.map((one) => one.full_name || one.username).join('、') || '–'
const toReport = ({ report }: { report: string }) => ({ name: 'report', params: { id: report } })

type OfReport = { report: string; number: string; item_name: string; address: string }
const ofReport: Column<OfReport>[] = [
  { head: 'number', text: ({ number }) => number, to: toReport },
  { head: 'item', text: ({ item_name }) => item_name },
  { head: 'address', text: ({ address }) => address || '–' },
]

const COLUMNS: { [Kind in ListKind]: Column<Listed[Kind]>[] } = {
  reports: [
    { head: 'number', text: ({ number }) => number, to: ({ id }) => ({ name: 'report', params: { id } }) },
    { head: 'item', text: ({ item_name }) => item_name },
    { head: 'status', text: ({ status }) => t(`board.status.${status}`), as: 'status' },
    { head: 'light', text: ({ due_at }) => when(due_at), as: 'light' },
    { head: 'urgency', text: ({ urgency }) => t(`board.urgency.${urgency ?? 'normal'}`) },
    { head: 'source', text: ({ source }) => t(`board.source.${source}`) },
    { head: 'grid', text: ({ grid, street }) => grid?.name ?? street?.name ?? '–' },
    { head: 'address', text: ({ address }) => address || '–' },
    { head: 'lead', text: ({ lead_department }) => lead_department?.name ?? '–' },
    { head: 'received', text: ({ received_at }) => when(received_at), numeric: true },
    { head: 'closed', text: ({ closed_at }) => when(closed_at), numeric: true },
  ],
  whistles: [
    { head: 'number', text: ({ number }) => number, to: ({ id }) => ({ name: 'whistle', params: { id } }) },
    ...ofReport.slice(1),
    { head: 'kind', text: ({ kind }) => t(`overview.kind.${kind}`) },
    { head: 'status', text: ({ status }) => (status ? t(`overview.whistle.${status}`) : '–') },
    { head: 'calling', text: ({ calling_area, calling_department }) => calling_department?.name ?? calling_area.name },
    { head: 'round', text: ({ round }) => `${round ?? 1}`, numeric: true },
    { head: 'blown', text: ({ blown_at }) => when(blown_at), numeric: true },
    { head: 'due', text: ({ report_in_due }) => when(report_in_due), numeric: true },
  ],
  assignments: [
    ...ofReport,
    { head: 'unit', text: ({ department, handed_from }) => (department ?? handed_from)?.name ?? '–' },
    { head: 'role', text: ({ role }) => t(`overview.role.${role}`) },
    { head: 'status', text: ({ status }) => (status ? t(`overview.duty.${status}`) : '–') },
    { head: 'issued', text: ({ issued_at }) => when(issued_at), numeric: true },
    { head: 'signed', text: ({ received_at }) => when(received_at), numeric: true },
    { head: 'reportedIn', text: ({ reported_in_at }) => when(reported_in_at), numeric: true },
    { head: 'distance', text: ({ reported_in_distance_m }) => metres(reported_in_distance_m), numeric: true },
  ],
  callbacks: [
    ...ofReport,
    { head: 'at', text: ({ at }) => when(at), numeric: true },
    {
      head: 'who',
      text: ({ by, by_requester }) => (by_requester ? t('overview.list.requester') : by?.name || by?.username || '–'),
    },
    {
      head: 'solved',
      text: ({ solved }) =>
        solved === null || solved === undefined ? '–' : t(solved ? 'overview.list.yes' : 'overview.list.no'),
    },
    {
      head: 'satisfaction',
      text: ({ satisfaction }) => (satisfaction ? t(`overview.satisfaction.${satisfaction}`) : '–'),
    },
  ],
  visits: [
    {
      head: 'household',
      text: ({ household }) => household.code,
      to: ({ household }) => ({ name: 'households', query: { open: household.id } }),
    },
    { head: 'grid', text: ({ grid }) => grid.name },
    { head: 'colour', text: ({ level }) => level?.name ?? t('households.unrated'), as: 'colour' },
    { head: 'visited', text: ({ visited_at }) => when(visited_at), numeric: true },
    { head: 'dueOn', text: ({ due_on }) => due_on ?? '–', numeric: true },
    {
      head: 'inTime',
      text: ({ in_time }) => (in_time === null ? '–' : t(in_time ? 'households.inTime' : 'households.lateVisit')),
    },
    { head: 'result', text: ({ result }) => t(`households.results.${result}`) },
    { head: 'visitors', text: ({ visitors }) => people(visitors) },
    { head: 'distance', text: ({ distance_m }) => metres(distance_m), numeric: true },
  ],
  households: [
    {
      head: 'household',
      text: ({ code }) => code,
      to: ({ id }) => ({ name: 'households', query: { open: id } }),
    },
    {
      head: 'address',
      text: ({ building, door }) => [building?.estate, building?.number, door].filter(Boolean).join(' ') || '–',
    },
    { head: 'grid', text: ({ grid }) => grid.name },
    { head: 'colour', text: ({ risk_level }) => risk_level?.name ?? t('households.unrated'), as: 'colour' },
    { head: 'lastVisit', text: ({ last_visit_at }) => when(last_visit_at), numeric: true },
    { head: 'nextDue', text: ({ next_visit_due }) => next_visit_due ?? '–', numeric: true },
  ],
}

/** A list's rows are all of its kind, which the type of its address cannot say. */
export const columnsOf = (kind: ListKind) => COLUMNS[kind] as unknown as Column<ListedRow>[]

/** The colour that stands beside its word; null without one. */
export function colourOf(row: ListedRow): string | null {
  const level =
    'risk_level' in row ? row.risk_level : 'level' in row && typeof row.level === 'object' ? row.level : null
  return level?.colour ?? null
}
