import { processIo } from '../../cli/shared/io.ts'
import { reportError } from '../../cli/shared/report-error.ts'
import { loadInChunks } from './load-in-chunks.ts'

// `kx load` of its own process, in transactions of as many rows as it is told.
const [target = '', chunkRows = '', ...paths] = process.argv.slice(2)
const io = processIo('text', new AbortController().signal)
process.exitCode = 70
void loadInChunks(io, paths, { target, chunkRows: Number(chunkRows) })
  .catch((error: unknown) => reportError(io, error))
  .then((code) => {
    process.exitCode = code
  })
