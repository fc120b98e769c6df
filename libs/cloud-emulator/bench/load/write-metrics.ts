import { writeHistory } from './metric-writer.ts'

const [grpcPort = '0', series = '10000'] = process.argv.slice(2)
await writeHistory({
  grpcPort: Number(grpcPort),
  series: Number(series),
  stepSeconds: 30,
  backSeconds: 6 * 3600,
  concurrency: 4,
})
