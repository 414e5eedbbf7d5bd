/** From where a person calls, as the server will have it, and who then approves. */
import type { Schemas } from '@shared/api/client'

import { t } from '@/words'
import { aheadOf, limitOf, type AheadTold } from './ahead'

type Role = Schemas['Role']
export type Level = Schemas['WhistleLevel']

/** The widest post from which a whistle may be blown decides. */
export function callingLevel(held: ReadonlySet<Role>): Level {
  if (held.has('command_centre') || held.has('street_dispatcher')) return 'street'
  return held.has('community_admin') ? 'community' : held.has('department_leader') ? 'department' : 'street'
}

export type Stage = 'draft' | 'community_leader' | 'street_leader' | 'blown' | 'review' | 'report_in'

/** The way of a whistle until those called are at the place. An emergency asks nobody before, and is reviewed after. */
export function pathOf(kind: Schemas['WhistleKind'], level: Level): Stage[] {
  if (kind === 'emergency') return ['draft', 'blown', 'report_in', 'review']
  return ['draft', level === 'community' ? 'community_leader' : 'street_leader', 'blown', 'report_in']
}

/** Within which time those called come; just the way of coming until the server has told. */
export function reportInWithin(told: AheadTold | null, kind: Schemas['WhistleKind']): string {
  if (kind === 'joint') return t('dispatch.reportInWithin.joint')
  return told ? t(`dispatch.reportInWithin.${kind}`, { limit: limitOf(aheadOf(told, 'report_in', kind)) }) : ''
}
