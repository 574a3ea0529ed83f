import { KxError } from '../../base/index.ts'
import { type Project, type RenderedProject, seedSql } from '../../runner/index.ts'

/** Gives each seed's CSV as SQL, by the seed's id; read when it is asked for. */
export function seedReader(project: Project, { seeds }: RenderedProject): (id: string) => string {
  return (id) => {
    const seed = seeds.find((one) => one.id === id)
    const file = project.seeds.find((one) => one.file === seed?.file)
    if (seed === undefined || file === undefined)
      throw new KxError('KX_SEED_INVALID', `${id} has no CSV`, { hint: 'Put it under seeds/.' })
    return seedSql(file, seed.contract)
  }
}
