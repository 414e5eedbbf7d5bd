import type zh from '../zh/common'

const words: typeof zh = {
  app: 'Grid Whistle',
  ok: 'OK',
  cancel: 'Cancel',
  back: 'Back',
  save: 'Save',
  send: 'Send',
  retry: 'Try again',
  edit: 'Change',
  loading: 'Loading…',
  required: 'required',
  optional: 'optional',
  yes: 'Yes',
  no: 'No',
  done: 'Done',
  byItself: 'It is sent by itself as soon as there is a signal',
  queued: 'Saved, will be sent by itself',
  notFound: 'Not found; it may no longer be yours',
  metres: '{n} m',
  kilometres: '{n} km',
  today: 'today',
  yesterday: 'yesterday',
  dayOfYear: '{day}/{month}',
  dayOfAny: '{day}/{month}/{year}',
  system: 'system',
  tabs: { label: 'Main pages', home: 'Home', tasks: 'Tasks', report: 'Report', visits: 'Visits', mine: 'Mine' },
}

export default words
