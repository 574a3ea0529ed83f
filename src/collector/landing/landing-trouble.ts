import { KxError } from '../../base/index.ts'

/** Codes of a disk, or a share of one, that is full. */
const FULL = new Set(['ENOSPC', 'EDQUOT'])

/** What a failed write of the landing is to the operator: KX_DISK_FULL or KX_LANDING_FAILED. */
export function landingTrouble(cause: unknown, path: string): KxError {
  const errno = errnoOf(cause)
  if (FULL.has(errno)) {
    return new KxError('KX_DISK_FULL', `no space left for the landing: ${path}`, {
      hint: 'Free some; nothing is lost while the collector waits, and it goes on by itself.',
      cause,
    })
  }
  return new KxError('KX_LANDING_FAILED', `the landing cannot be written: ${path}: ${messageOf(cause)}`, {
    hint: 'Look at the disk and the permissions; the collector tries again by itself.',
    cause,
  })
}

/**
 * Tells of trouble once: when it begins, when its kind changes, and with undefined when no folder fails any more.
 */
export function troubleTeller(
  onTrouble: (error: KxError | undefined) => void,
): (errorsByFolder: ReadonlyMap<string, unknown>) => void {
  let told: string | undefined
  return (errorsByFolder) => {
    const kinds = [...errorsByFolder].map(([folder, error]) => ({ folder, error, kind: errnoOf(error) }))
    if (kinds.some(({ kind }) => kind === told)) return
    const [first] = kinds
    if (first?.kind === told) return
    told = first?.kind
    onTrouble(first && landingTrouble(first.error, first.folder))
  }
}

/** `ENOSPC`; '' for what is no system error. */
export function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? ''
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
