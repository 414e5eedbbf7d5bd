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

type Part = { unit: 'days' | 'hours' | 'minutes'; n: number }

export interface Span {
  overdue: boolean
  parts: Part[]
}

/** `due` as ISO 8601, `now` in milliseconds. */
export function spanTo(due: string, now: number): Span {
  const left = Date.parse(due) - now
  return { overdue: left <= 0, parts: partsOf(Math.abs(left)) }
}

/** The two largest units of so many milliseconds that are not nought, rounded down; empty below a minute. */
function partsOf(length: number): Part[] {
  const days = Math.floor(length / DAY)
  const hours = Math.floor((length % DAY) / HOUR)
  const minutes = Math.floor((length % HOUR) / MINUTE)
  const all: Part[] = [
    { unit: 'days', n: days },
    { unit: 'hours', n: hours },
    { unit: 'minutes', n: days ? 0 : minutes },
  ]
  return all.filter((part) => part.n > 0)
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
  return say(overdue ? 'tasks.over' : 'tasks.left', { time: together(parts, say) })
}

/** 2 小时 13 分, of milliseconds. */
export const lengthInWords = (length: number, say: Say): string => together(partsOf(length), say)

const together = (parts: Part[], say: Say) => parts.map((part) => say(`tasks.${part.unit}`, { n: part.n })).join(' ')
