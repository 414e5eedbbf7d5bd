/** For the tests: a server that keeps its promises, a link and a phone that do not. */
import { PersonDb } from '@/store/db'
import { Sender } from './sender'

export const FAULTS = [
  'none',
  'lost',
  'answer lost',
  'no answer',
  'answer too late',
  'broken off',
  'gateway',
  'gateway after arrival',
  'portal',
  'portal in JSON',
  'redirect',
  'signed out',
  'internal',
  'busy',
  'killed',
  'killed after arrival',
] as const
export type Fault = (typeof FAULTS)[number]
export type WriteFault = 'full' | 'killed'

const json = (status: number, body: unknown, type = 'application/json') =>
  new Response(JSON.stringify(body), { status, headers: { 'Content-Type': type } })
const problem = (status: number, code: string) =>
  json(status, { title: code, status, code }, 'application/problem+json')
const html = (status: number) => new Response('<html>', { status, headers: { 'Content-Type': 'text/html' } })

/** Takes each thing once, whatever comes how often. */
export class Server {
  token = 'token-1'
  /** Paths it will not take. */
  refuses = new Set<string>()
  /** What stands, by path, in the order of arrival. */
  readonly stands = new Map<string, string>()
  /** Every request that reached it. */
  readonly arrivals: string[] = []

  async take(path: string, body: BodyInit, token: string): Promise<Response> {
    if (token !== this.token) return problem(401, 'bad_token')
    this.arrivals.push(path)
    if (this.refuses.has(path)) return problem(409, 'refused_here')
    const said = typeof body === 'string' ? body : await (body as Blob).text()
    const before = this.stands.get(path)
    if (before !== undefined && before !== said) return problem(409, 'body_differs')
    this.stands.set(path, said)
    const name = path.split('/').at(-1)
    return json(before === undefined ? 201 : 200, path.includes('/photos/') ? { sha256: name } : { id: name })
  }
}

/** One run of the app: its own connection to the phone's database, dead when it was killed. */
export class App {
  readonly db: PersonDb
  readonly sender: Sender
  readonly killed: Promise<'killed'>
  dead = false
  private die = () => {}

  constructor(
    readonly world: World,
    name: string,
  ) {
    this.killed = new Promise((resolve) => (this.die = () => resolve('killed')))
    this.db = new PersonDb(name)
    this.db.use({
      stack: 'dbcore',
      create: (down) => ({
        ...down,
        table: (table) => ({
          ...down.table(table),
          mutate: (request) => {
            const fault = this.dead ? 'killed' : request.type === 'delete' ? world.deleteFault() : world.writeFault()
            if (fault === 'killed') return Promise.reject(this.kill())
            if (fault === 'full') return Promise.reject(new DOMException('full', 'QuotaExceededError'))
            return down.table(table).mutate(request)
          },
        }),
      }),
    })
    this.sender = new Sender({
      db: this.db,
      token: () => world.token,
      language: () => 'zh-hans',
      fetch: ((path: string, asked: RequestInit) => this.request(path, asked)) as typeof fetch,
      now: () => new Date(world.clock),
      random: () => world.random(),
      expired: async (token) => {
        if (world.token === token) world.token = null
      },
    })
  }

  private kill(): Error {
    this.dead = true
    this.die()
    return new Error('killed')
  }

  private async request(address: string, asked: RequestInit): Promise<Response> {
    const { world } = this
    const never = new Promise<never>(() => {})
    if (this.dead) return never
    const path = address.replace('/api/v1/', '')
    world.requests.push(path)
    const fault = world.fault(path)
    const arrive = () =>
      world.server.take(path, asked.body!, (asked.headers as Record<string, string>).Authorization!.slice(6))
    switch (fault) {
      case 'none':
        return arrive()
      case 'lost':
        throw new TypeError('failed to fetch')
      case 'answer lost':
        await arrive()
        throw new TypeError('failed to fetch')
      case 'no answer':
        throw new DOMException('', 'AbortError')
      case 'answer too late':
        await arrive()
        throw new DOMException('', 'AbortError')
      case 'broken off':
        await arrive()
        return new Response(new ReadableStream({ start: (stream) => stream.error(new TypeError('network')) }))
      case 'gateway':
        return html(502)
      case 'gateway after arrival':
        await arrive()
        return html(504)
      case 'portal':
        return html(200)
      case 'portal in JSON':
        return json(200, { ok: true })
      case 'redirect':
        return { type: 'opaqueredirect', status: 0, ok: false } as Response
      case 'signed out':
        world.server.token += '1'
        return arrive()
      case 'internal':
        return problem(500, 'internal')
      case 'busy':
        return problem(503, 'busy')
      case 'killed':
        this.kill()
        return never
      case 'killed after arrival':
        await arrive()
        this.kill()
        return never
    }
  }
}

export class World {
  clock = Date.parse('2026-11-26T06:00:00Z')
  token: string | null = 'token-1'
  server = new Server()
  /** Every request that was begun. */
  readonly requests: string[] = []
  faults: Fault[] = []
  writeFaults: (WriteFault | null)[] = []
  random: () => number = () => 0.5

  constructor(private readonly name: string) {}

  fault: (path: string) => Fault = () => this.faults.shift() ?? 'none'
  writeFault: () => WriteFault | null = () => this.writeFaults.shift() ?? null
  /** What is deleted needs no room. */
  deleteFault = (): WriteFault | null => (this.writeFault() === 'killed' ? 'killed' : null)

  start(): App {
    return new App(this, this.name)
  }

  /**
   * The app is opened, sends, waits, is killed and opened again, the person logs in where asked, until nothing more
   * happens by itself. `each` is called whenever it stands still.
   */
  async live(each: () => Promise<void> = async () => {}): Promise<void> {
    let app = this.start()
    for (let turns = 0; turns < 2_000; turns++) {
      const at = await Promise.race([app.sender.recover().then(() => app.sender.run()), app.killed]).catch((fault) => {
        if (app.dead) return 'killed' as const
        throw fault
      })
      await each()
      if (at === 'killed' || app.dead) {
        app.db.close()
        app = this.start()
      } else if (at !== null) this.clock = Math.max(this.clock + 1, Date.parse(at))
      else if (this.token === null) this.token = this.server.token
      else {
        app.db.close()
        return
      }
    }
    throw new Error('it does not come to an end')
  }
}
