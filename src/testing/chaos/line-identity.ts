/**
 * Who a line of the landing is: `feed_id sequence row` for what a frame gave, its place for events and uptime,
 * which no frame brought.
 */
export function identityOf(path: string, lineNumber: number, line: string): string {
  const named = /^\{"v":1,"feed_id":"([^"]*)","sequence":(\d+),"row":(\d+),/.exec(line)
  return named ? `${named[1]} ${named[2]} ${named[3]}` : `${path} ${lineNumber}`
}
