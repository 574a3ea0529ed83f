import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { KxError } from '../../base/index.ts'

/** The user that a server runs as. */
export interface Owner {
  readonly uid: number
  readonly gid: number
}

// Set aside for nobody: https://systemd.io/UIDS-GIDS/ lists 60578…61183 as unused.
const FIRST_UID = 60_578
const LAST_UID = 61_183

/** Whether kx runs as root, whom PostgreSQL refuses to serve under. */
export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * Who owns a data directory, or will own a new one: this user; for root, a user that nothing else uses.
 *
 * @throws {KxError} KX_WAREHOUSE_START if the directory is somebody else's
 */
export function ownerOf(dataDirectory: string | undefined, stateDirectory: string): Owner {
  const uid = process.getuid?.()
  const gid = process.getgid?.()
  if (uid === undefined || gid === undefined) throw unsupported()
  const present = dataDirectory === undefined ? undefined : statSync(dataDirectory, { throwIfNoEntry: false })
  if (uid !== 0) {
    if (present && present.uid !== uid) throw foreign(dataDirectory ?? '', present.uid)
    return { uid, gid }
  }
  if (present && present.uid !== 0) return { uid: present.uid, gid: present.gid }
  const reserved = reservedUid(stateDirectory)
  return { uid: reserved, gid: reserved }
}

/**
 * The name of this user, which is what the server knows them by.
 *
 * @throws {KxError} KX_WAREHOUSE_START if they have none
 */
export function userName(): string {
  try {
    return userInfo().username
  } catch (cause) {
    throw new KxError('KX_WAREHOUSE_START', `the user ${process.getuid?.()} has no name in /etc/passwd`, {
      hint: 'Run kx as a user who has one, or use a server: set DATABASE_URL.',
      cause,
    })
  }
}

/** What `spawn` needs to run a program as `owner`; nothing when that is this user. */
export function asUser({ uid, gid }: Owner): { uid?: number; gid?: number } {
  return uid === process.getuid?.() ? {} : { uid, gid }
}

/**
 * An account that nothing runs as now. `initdb` wants its user to have a name, which a reserved uid has not;
 * so it runs as such an account, and its directory is handed over afterwards.
 */
export function idleAccount(): Owner {
  const taken = new Set(runningUids())
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .filter(({ uid, gid }) => uid > 0 && gid > 0 && (uid < 1000 || uid === 65_534) && !taken.has(uid))
  const account = accounts.find(({ name }) => name === 'nobody') ?? accounts.at(-1)
  if (!account) {
    throw new KxError(
      'KX_WAREHOUSE_START',
      'no system account in /etc/passwd is free to create the warehouse',
      {
        hint: 'Run kx as an ordinary user, or use a server.',
      },
    )
  }
  return { uid: account.uid, gid: account.gid }
}

/** Makes a directory that a server started by root may enter, whatever the umask. */
export function makeReachable(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 })
  if (isRoot() && (statSync(directory).mode & 0o011) !== 0o011) chmodSync(directory, 0o755)
}

/** The uid for servers that root starts on this machine, chosen once. */
function reservedUid(stateDirectory: string): number {
  const file = join(stateDirectory, 'uid')
  const known = readUid(file)
  if (known !== undefined) return known
  const taken = new Set([...runningUids(), ...namedIds()])
  let uid = FIRST_UID
  while (taken.has(uid) && uid < LAST_UID) uid += 1
  makeReachable(stateDirectory)
  try {
    writeFileSync(file, `${uid}\n`, { flag: 'wx' })
  } catch {
    return readUid(file) ?? uid
  }
  return uid
}

function readUid(file: string): number | undefined {
  try {
    const uid = Number(readFileSync(file, 'utf8'))
    return Number.isInteger(uid) && uid > 0 ? uid : undefined
  } catch {
    return undefined
  }
}

function runningUids(): number[] {
  if (process.platform !== 'linux') return []
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return processes.map((id) => statSync(`/proc/${id}`, { throwIfNoEntry: false })?.uid ?? 0)
}

function namedIds(): number[] {
  return ['/etc/passwd', '/etc/group'].flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => Number(line.split(':')[2])),
  )
}

function unsupported(): KxError {
  return new KxError('KX_WAREHOUSE_START', `there is no embedded PostgreSQL for ${process.platform}`, {
    hint: 'Use a server: set DATABASE_URL or a target of engine server.',
  })
}

function foreign(dataDirectory: string, uid: number): KxError {
  return new KxError('KX_WAREHOUSE_START', `${dataDirectory} belongs to the user ${uid}`, {
    hint: `Run kx as ${uid >= FIRST_UID && uid <= LAST_UID ? 'root' : 'that user'}, or use a server.`,
  })
}
