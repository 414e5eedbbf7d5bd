/** The conditions beyond status and light, each said and taken away by itself. */
import { t } from '@/words'
import { whenInWords } from '@/words/when'
import { NAMED, type Filter, type Source, type Urgency } from './filter'
import { nameOf } from './lookup'

export interface Condition {
  key: string
  text: string
}

export function conditions(filter: Filter): Condition[] {
  const said: Condition[] = [
    ...filter.source.map((one) => ({ key: `source ${one}`, text: t(`board.source.${one}`) })),
    ...filter.urgency.map((one) => ({ key: `urgency ${one}`, text: t(`board.urgency.${one}`) })),
  ]
  if (filter.overdue) said.push({ key: 'overdue', text: t('board.overdue') })
  for (const kind of NAMED) {
    const code = filter[kind]
    if (code) said.push({ key: kind, text: `${t(`board.${kind}`)}：${nameOf(kind, code)}` })
  }
  if (filter.received_after)
    said.push({ key: 'received_after', text: `${t('board.from')} ${whenInWords(filter.received_after)}` })
  if (filter.received_before)
    said.push({ key: 'received_before', text: `${t('board.until')} ${whenInWords(filter.received_before)}` })
  if (filter.q) said.push({ key: 'q', text: `“${filter.q}”` })
  return said
}

export function without(filter: Filter, key: string): Filter {
  const [name, value] = key.split(' ')
  if (name === 'source') return { ...filter, source: filter.source.filter((one) => one !== (value as Source)) }
  if (name === 'urgency') return { ...filter, urgency: filter.urgency.filter((one) => one !== (value as Urgency)) }
  return { ...filter, [name as string]: undefined }
}
