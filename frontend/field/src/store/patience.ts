/** A link in a stairwell dies without a word; whoever waits for an answer must learn that none will come. */

/** Long enough for a first sync over a slow link. */
const PATIENCE_MS = 120_000

/** As `fetch`; rejects when the whole answer has not come in time. */
export async function fetchInTime(request: Request): Promise<Response> {
  const giveUp = new AbortController()
  setTimeout(() => giveUp.abort(), PATIENCE_MS)
  return fetch(request, { signal: giveUp.signal })
}
