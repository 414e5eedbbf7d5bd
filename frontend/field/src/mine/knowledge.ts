/** Looking things up in the knowledge base that is on the phone. */
import type { Item, Knowledge } from '@/store/db'

const TAGS = /<[^>]*>/g

/** Those in which every word of `text` stands, in the title or below it; in the title first. */
export function matching(entries: readonly Knowledge[], text: string): Knowledge[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const holds = (said: string) => words.every((word) => said.includes(word))
  const found = entries
    .map((entry) => ({ entry, title: entry.title.toLowerCase(), text: entry.html.replace(TAGS, ' ').toLowerCase() }))
    .filter(({ title, text }) => holds(`${title} ${text}`))
  return [...found.filter(({ title }) => holds(title)), ...found.filter(({ title }) => !holds(title))].map(
    ({ entry }) => entry,
  )
}

/** What helps with an item: said of it, then of its class, then of every item. */
export function helpingWith(
  entries: readonly Knowledge[],
  item: Pick<Item, 'code' | 'kind' | 'class_code'>,
): Knowledge[] {
  const nearness = (entry: Knowledge) => {
    if (entry.items.includes(item.code)) return 0
    if (entry.item_kind === item.kind && entry.class_code === item.class_code) return 1
    return entry.items.length || entry.item_kind ? null : 2
  }
  return entries
    .map((entry) => ({ entry, near: nearness(entry) }))
    .filter((one): one is { entry: Knowledge; near: 0 | 1 | 2 } => one.near !== null)
    .sort((a, b) => a.near - b.near)
    .map(({ entry }) => entry)
}
