/** Colours of households as they are shown: never alone, always with a letter or a name, and legible on top of them. */
import { t, te } from '@/words'

export interface Colour {
  code: string
  name: string
  /** #rrggbb */
  colour: string
  rank: number
}

/** A household nobody gave a colour yet. */
export const UNRATED = '#6b7280'
const DARK = '#111827'
const LIGHT = '#ffffff'

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** By WCAG, from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [less, more] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (more + 0.05) / (less + 0.05)
}

/** Black or white, whichever is better read on this colour. */
export function inkOn(colour: string): string {
  return contrast(colour, LIGHT) > contrast(colour, DARK) ? LIGHT : DARK
}

/** 红, 黄 … by the usual codes; else the first character of the level's name. */
export function initialOf(level: Colour | null): string {
  if (!level) return t('visits.initials.none')
  const key = `visits.initials.${level.code}`
  return te(key) ? t(key) : level.name.slice(0, 1)
}

export function gravest<T extends { risk_level: Colour | null }>(households: readonly T[]): Colour | null {
  return households.reduce<Colour | null>(
    (worst, { risk_level: level }) => (level && (!worst || level.rank > worst.rank) ? level : worst),
    null,
  )
}

/** As a list is filtered by it; `none`: without a colour. */
export const codeOf = (level: Colour | null) => level?.code ?? 'none'

export interface Count {
  /** Null: without a colour. */
  level: Colour | null
  count: number
}

/** How many households of which colour, the gravest first, those without one last. */
export function counted(households: readonly { risk_level: Colour | null }[]): Count[] {
  const found = new Map<string, Count>()
  for (const { risk_level: level } of households) {
    const key = codeOf(level)
    const before = found.get(key)
    if (before) before.count++
    else found.set(key, { level, count: 1 })
  }
  return [...found.values()].sort((a, b) => (b.level?.rank ?? 0) - (a.level?.rank ?? 0))
}
