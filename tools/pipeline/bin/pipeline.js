const [major] = process.versions.node.split('.').map(Number)

if (major < 24) {
  process.stderr.write(
    `This runs on Node 24 or later, not on ${process.versions.node}.\n` +
      'On Linux "npm ci" brings it, and "npm run" finds it. Elsewhere install it, for instance: nvm install\n',
  )
  process.exit(2)
}
await import('../src/main.ts')
