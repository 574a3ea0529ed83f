export { addWindows } from './add-windows.ts'
export { effectiveEdges, grainOf } from './effective-edges.ts'
export { buildGraph, type Graph } from './graph.ts'
export { renamesOf } from './renames.ts'
