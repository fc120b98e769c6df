import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration } from '../values/duration.ts'
import { flag, oneOf, port, text } from '../values/scalar-values.ts'
import { ignored, repeatable, required } from '../values/value-type.ts'
import { environmentMarkdown, optionsMarkdown } from './markdown-table.ts'

test('options as a table, with their grammars once', () => {
  const spec = {
    target: required(text({ placeholder: 'URL', help: 'Where the load goes' })),
    mode: oneOf(['a', 'b'], { default: 'a', environment: 'MODE', help: 'How' }),
    for: duration({ default: 5_000, help: 'How long' }),
    include: repeatable(text({ help: 'What is kept' })),
    json: flag({ help: 'Print JSON' }),
    secret: text(),
    old: ignored(text({ help: 'Of before' })),
  }
  assert.equal(
    optionsMarkdown(spec),
    `| Option | Default | |
|---|---|---|
| \`--target URL\` |  | Where the load goes. Required. |
| \`--mode a\\|b\` | \`a\` | How. Environment: \`MODE\`. |
| \`--for DURATION\` | \`5s\` | How long |
| \`--include VALUE\` |  | What is kept. Repeatable. |
| \`--json\` |  | Print JSON |

DURATION: whole numbers with their units, the largest first: y, w, d, h, m, s, ms, such as 1h30m, 5s or 100ms. 0 needs no unit.

Accepted without effect: \`--old\`.
`,
  )
})

test('environment variables as a table', () => {
  assert.equal(
    environmentMarkdown({
      PORT: port({ default: 8080, help: 'Port of the service' }),
      MODE: oneOf(['a', 'b'], { help: 'How' }),
      HIDDEN: text(),
    }),
    '| Variable | Default | |\n|---|---|---|\n| `PORT` | `8080` | Port of the service |\n| `MODE` |  | How. One of `a`, `b`. |\n',
  )
})
