/** A colour proposed for a household. */
import type { Schemas } from '@shared/api/client'
import type { NewEntry } from '@/queue/entry'
import type { Household, RiskLevel } from '@/store/db'

export interface ProposalForm {
  /** The step's `request_id`, from the beginning: sending it twice is sending it once. */
  id: string
  to: string
  reason: string
  note: string
}

/** Who proposes and who confirms is asked of the graver of the two levels. `confirms` empty: see `graver`. */
export function rulesOf(now: RiskLevel | null, to: RiskLevel) {
  const upwards = to.rank > (now?.rank ?? 0)
  const gravest = upwards || !now ? to : now
  return { upwards, proposes: gravest.proposes, confirms: gravest.confirms ?? '' }
}

type Standing = RiskLevel['proposes']
type Me = Pick<Schemas['MeOut'], 'is_superuser' | 'appointments'>

const RUNGS: Standing[] = ['worker', 'grid_leader', 'community', 'street']
const STANDS: Partial<Record<Schemas['Role'], Standing>> = {
  grid_worker: 'worker',
  grid_leader: 'grid_leader',
  community_admin: 'community',
  street_dispatcher: 'street',
  street_leader: 'street',
}

/**
 * Whether the person holds a role over the household at this rung or above, as `households/standing.py` asks. Where the
 * household's street is not known here any street's role may do: the server has the last word.
 */
export function stands(
  me: Me | undefined,
  household: Pick<Household, 'grid' | 'community'>,
  street: string | undefined,
  standing: Standing,
): boolean {
  if (!me || me.is_superuser) return true
  return me.appointments.some(({ role, at, level }) => {
    const own = STANDS[role]
    const here =
      at === household.grid.code || at === household.community.code || (street ? at === street : level === 'street')
    return own !== undefined && here && RUNGS.indexOf(own) >= RUNGS.indexOf(standing)
  })
}

export function lacking({ to, reason, note }: ProposalForm): 'to' | 'reason' | 'note' | null {
  if (!to) return 'to'
  if (!reason) return 'reason'
  return note.trim() ? null : 'note'
}

/** The answer is the change of colour, whose id the server makes: what it names of ours is the household. */
export function proposalEntry(form: ProposalForm, household: string, title: string): NewEntry {
  const body: Schemas['ProposeColourInRequest'] = {
    to: form.to,
    reason: form.reason,
    note: form.note.trim(),
    request_id: form.id,
  }
  return {
    id: form.id,
    kind: 'step',
    title,
    chain: `household:${household}`,
    method: 'POST',
    path: `households/${household}/propose_colour`,
    body,
    names: household,
    namedAt: ['household', 'id'],
    pictures: [],
  }
}
