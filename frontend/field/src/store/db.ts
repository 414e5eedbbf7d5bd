/**
 * What the phone keeps. One database per person, so that a shared phone never mixes two people's work, and one for the
 * device. `queue`, `pictures` and `drafts` are the person's own work and only leave when they have arrived or the person
 * throws them away; everything else was given by the server and is cleared at log-out.
 */
import Dexie, { type Table } from 'dexie'
import type { Schemas } from '@shared/api/client'
import type { Entry } from '@/queue/entry'

type Sections = Schemas['SyncSections']
type RowOf<Name extends keyof Sections> = NonNullable<Sections[Name]>['rows'][number]

/** The sections of a sync that are tables here; `frequent` is a list of codes. */
export const SECTIONS = [
  'grids',
  'items',
  'risk_levels',
  'colour_reasons',
  'care_tags',
  'buildings',
  'households',
  'tasks',
  'field_checks',
  'reports',
  'contacts',
  'knowledge',
] as const satisfies readonly (keyof Sections)[]

export type Grid = RowOf<'grids'>
export type Item = RowOf<'items'>
export type Building = RowOf<'buildings'>
export type Household = RowOf<'households'>
export type Task = RowOf<'tasks'>
export type FieldCheck = RowOf<'field_checks'>
export type ReportRow = RowOf<'reports'>
export type Contact = RowOf<'contacts'>
export type Knowledge = RowOf<'knowledge'>
export type RiskLevel = RowOf<'risk_levels'>
export type ColourReason = RowOf<'colour_reasons'>
export type CareTag = RowOf<'care_tags'>
export type Notice = Schemas['Notification'] & { acked: boolean; rung: boolean; seen: boolean }

/** Who uses this device. The token stays until it is revoked or the person logs out. */
export interface Session {
  username: string
  name: string
  token: string | null
  /** What the server calls this device. */
  device?: string
  current: boolean
}

/** A picture taken or chosen: JPEG bytes of at most 1600 px, named by their hash. */
export interface Picture {
  sha256: string
  bytes: ArrayBuffer
  size: number
  takenAt: string
  position: Place | null
}

/** WGS-84 degrees, metres. */
export interface Place {
  lng: number
  lat: number
  accuracy: number | null
  at: string
  moved: boolean
}

/** A form that is not sent yet, kept at every change. */
export interface Draft {
  key: string
  at: string
  form: unknown
}

export interface Kept {
  key: string
  value: unknown
}

export class PersonDb extends Dexie {
  queue!: Table<Entry, string>
  pictures!: Table<Picture, string>
  drafts!: Table<Draft, string>
  grids!: Table<Grid, string>
  items!: Table<Item, string>
  buildings!: Table<Building, string>
  households!: Table<Household, string>
  tasks!: Table<Task, number>
  field_checks!: Table<FieldCheck, number>
  reports!: Table<ReportRow, string>
  contacts!: Table<Contact & { key?: number }, number>
  knowledge!: Table<Knowledge, number>
  risk_levels!: Table<RiskLevel, string>
  colour_reasons!: Table<ColourReason, string>
  care_tags!: Table<CareTag, string>
  /** Answers read online and kept for later, by address: report details, timelines. */
  answers!: Table<Kept, string>
  notices!: Table<Notice, number>
  /** Token of the last sync, last contact, `me`, what is frequent, settings of the server. */
  kept!: Table<Kept, string>

  constructor(username: string) {
    super(`gridwhistle:${username}`)
    this.version(1).stores({
      queue: 'id, &seq, state, chain',
      pictures: 'sha256',
      drafts: 'key',
      grids: 'code',
      items: 'code',
      buildings: 'id',
      households: 'id, next_visit_due',
      tasks: 'id',
      field_checks: 'id',
      reports: 'id, received_at',
      contacts: '++key',
      knowledge: 'id',
      risk_levels: 'code',
      colour_reasons: 'code',
      care_tags: 'code',
      answers: 'key',
      notices: 'id, created_at',
      kept: 'key',
    })
  }
}

export class DeviceDb extends Dexie {
  sessions!: Table<Session, string>
  settings!: Table<Kept, string>

  constructor() {
    super('gridwhistle')
    this.version(1).stores({ sessions: 'username', settings: 'key' })
  }
}

/** Tables that hold what the server gave, to be cleared at log-out. */
export const GIVEN = [...SECTIONS, 'answers', 'notices', 'kept'] as const

export const device = new DeviceDb()
