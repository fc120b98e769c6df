/** Bytes that are not journal records although their checksum is correct. */
export class JournalFormatError extends Error {
  readonly code = 'ERR_JOURNAL_FORMAT'

  constructor(message: string) {
    super(message)
    this.name = 'JournalFormatError'
  }
}
