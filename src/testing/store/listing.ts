/** The answer to ListObjectsV2: prefix, delimiter and pages as S3 has them. */
export function listing(
  objects: readonly (readonly [key: string, object: { readonly body: Buffer }])[],
  query: URLSearchParams,
  page: number,
): string {
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const after = query.get('continuation-token') ?? ''
  const sizes = new Map(objects.map(([key, { body }]) => [key, body.length]))
  const entries = new Set(
    [...sizes.keys()].filter((key) => key.startsWith(prefix)).map((key) => entryOf(key, prefix, delimiter)),
  )
  const left = [...entries].sort().filter((entry) => entry > after)
  const shown = left.slice(0, page)
  const isTruncated = left.length > shown.length
  return [
    '<?xml version="1.0"?><ListBucketResult>',
    `<IsTruncated>${isTruncated}</IsTruncated>`,
    isTruncated ? `<NextContinuationToken>${xmlText(shown.at(-1) ?? '')}</NextContinuationToken>` : '',
    ...shown.map((entry) =>
      sizes.has(entry)
        ? `<Contents><Key>${xmlText(entry)}</Key><Size>${sizes.get(entry)}</Size></Contents>`
        : `<CommonPrefixes><Prefix>${xmlText(entry)}</Prefix></CommonPrefixes>`,
    ),
    '</ListBucketResult>',
  ].join('')
}

function entryOf(key: string, prefix: string, delimiter: string): string {
  const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length)
  return end < 0 ? key : key.slice(0, end + delimiter.length)
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
