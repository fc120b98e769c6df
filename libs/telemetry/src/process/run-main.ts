export { runMain } from '@node-to-cloud/command-line/run-main'
