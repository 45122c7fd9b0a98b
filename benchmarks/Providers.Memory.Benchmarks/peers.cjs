// node peers.cjs FOLDER: a write to the reference memory server; prints JSON.
const fs = require('fs'), path = require('path');
const folder = process.argv[2];
const result = {};

function median(times) {
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

async function serverMemory() {
  const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
  const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
  const server = path.join(folder, 'node_modules/@modelcontextprotocol/server-memory/dist/index.js');
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args: [server], env: { MEMORY_FILE_PATH: path.join(folder, 'memory.jsonl') }, stderr: 'ignore' }));
  const notes = fs.readFileSync(path.join(folder, 'notes.txt'), 'utf8').trim().split('\n');
  const create = (from, to) => client.callTool({ name: 'create_entities', arguments: { entities: notes.slice(from, to).map((n, i) => ({ name: `n${from + i}`, entityType: 'note', observations: [n] })) } });
  await create(0, notes.length - 50);
  const times = [];
  for (let i = notes.length - 50; i < notes.length; i++) {
    const start = process.hrtime.bigint();
    await create(i, i + 1);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  result.serverMemoryMs = median(times);
  await client.close();
}

serverMemory()
  .catch(e => console.error(`serverMemory: ${e.message}`))
  .then(() => console.log(JSON.stringify(result)));
