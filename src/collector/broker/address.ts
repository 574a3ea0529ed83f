/** What a broker counts by: the origin of a URL, `https://api.kraken.com`. @throws {TypeError} if it is no URL. */
export function addressOf(url: string): string {
  return new URL(url).origin
}
