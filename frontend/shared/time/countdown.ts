/** How much time is left, as parts to be said in words; and which light that is. */
import { readonly, ref } from 'vue'

export type Light = '' | 'green' | 'yellow' | 'red'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const TICK = 5 * SECOND

const moment = ref(Date.now())
let ticking: ReturnType<typeof setInterval> | undefined

/** The present in milliseconds, moving on by itself; one timer for every countdown on the page. */
export function presentMoment() {
  ticking ??= setInterval(() => (moment.value = Date.now()), TICK)
  return readonly(moment)
}

export interface Span {
  overdue: boolean
  /** The two largest units that are not nought, rounded down; empty below a minute. */
  parts: { unit: 'days' | 'hours' | 'minutes'; n: number }[]
}

/** `due` as ISO 8601, `now` in milliseconds. */
export function spanTo(due: string, now: number): Span {
  const left = Date.parse(due) - now
  const length = Math.abs(left)
  const days = Math.floor(length / DAY)
  const hours = Math.floor((length % DAY) / HOUR)
  const minutes = Math.floor((length % HOUR) / MINUTE)
  const all: Span['parts'] = [
    { unit: 'days', n: days },
    { unit: 'hours', n: hours },
    { unit: 'minutes', n: days ? 0 : minutes },
  ]
  return { overdue: left <= 0, parts: all.filter((part) => part.n > 0) }
}

/** The light at this moment, so that it changes also without signal. Empty without a deadline. */
export function lightAt(due: string | null, yellow: string | null | undefined, now: number): Light {
  if (!due) return ''
  if (Date.parse(due) <= now) return 'red'
  return yellow && Date.parse(yellow) <= now ? 'yellow' : 'green'
}

type Say = (key: string, values?: Record<string, unknown>) => string

/** 剩 2 小时 13 分, 已超 20 分. */
export function inWords(due: string, now: number, say: Say): string {
  const { overdue, parts } = spanTo(due, now)
  if (!parts.length) return say(overdue ? 'tasks.justOver' : 'tasks.nearlyOver')
  const time = parts.map((part) => say(`tasks.${part.unit}`, { n: part.n })).join(' ')
  return say(overdue ? 'tasks.over' : 'tasks.left', { time })
}
