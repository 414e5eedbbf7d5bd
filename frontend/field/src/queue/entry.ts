/**
 * What waits to be sent: one request with a body, then its pictures one by one. It leaves the phone only on an answer of
 * the server that names `names`; whatever happens before, it is still here.
 */
export type EntryKind = 'report' | 'visit' | 'patrol' | 'step'

/**
 * waiting: to be sent at `nextAt` or later · sending: an attempt is under way (after a restart: it may or may not have
 * arrived, so it is simply sent again) · refused: the server said why not; a person decides.
 */
export type EntryState = 'waiting' | 'sending' | 'refused'

export interface PictureToSend {
  sha256: string
  size: number
  kind: string
  /** Where its bytes go, below /api/v1/. */
  path: string
  sent: boolean
}

/** Why the last attempt did not get through, in the words shown. */
export interface Failure {
  code: string
  title: string
  at: string
  errors?: { field: string; code: string; message: string }[]
  /** The picture it is about, by its hash; the rest of the entry may go without it. */
  picture?: string
}

/** The form it was filled in as, to be mended there when the server refuses it: its draft and its page. */
export interface Origin {
  /** Of the draft. */
  key: string
  form: object
  /** The page's address within the app. */
  page: string
  /** The household whose page it is; without it there is no form. */
  household?: string
}

export interface Entry {
  /** Made on the phone: the report's or visit's id, or the step's `request_id`. */
  id: string
  /** The order of sending. */
  seq: number
  kind: EntryKind
  /** Shown in the list: the item's name, the household's door. */
  title: string
  /** Entries of one chain wait for each other (report in before result); others pass a refused one. */
  chain: string
  method: 'PUT' | 'POST'
  /** Below /api/v1/. */
  path: string
  body: Record<string, unknown>
  /** The `id` the answer must carry to count. */
  names: string
  /** Where in the answer that id stands, if not at `id`: ['household', 'id'] of a proposed colour. */
  namedAt?: string[]
  bodySent: boolean
  /** The report's number, once the server has said it. */
  number?: string
  pictures: PictureToSend[]
  state: EntryState
  attempts: number
  /** Not before; ISO 8601. */
  nextAt: string
  failure: Failure | null
  createdAt: string
  origin?: Origin
}

/** What a page hands in. */
export type NewEntry = Pick<
  Entry,
  'id' | 'kind' | 'title' | 'chain' | 'method' | 'path' | 'body' | 'names' | 'namedAt' | 'pictures' | 'origin'
>
