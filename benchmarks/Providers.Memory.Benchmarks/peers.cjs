// node peers.cjs FOLDER ROWS DIMENSIONS: nearest vectors by sqlite-vec, and a write to the reference memory server; prints JSON.
const fs = require('fs'), path = require('path');
const [folder, rows, dimensions] = [process.argv[2], +process.argv[3], +process.argv[4]];
const result = {};

function median(times) {
  times.sort((a, b) => a - b);
  return times[times.length >> 1];
}

function sqliteVec() {
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(':memory:', { allowExtension: true });
  require('sqlite-vec').load(db);
  db.exec(`create virtual table v using vec0(e float[${dimensions}] distance_metric=cosine)`);
  const file = fs.readFileSync(path.join(folder, 'vectors.f32')), size = dimensions * 4;
  const insert = db.prepare('insert into v(rowid, e) values (?, ?)');
  db.exec('begin');
  for (let i = 0; i < rows; i++) insert.run(BigInt(i + 1), file.subarray(i * size, (i + 1) * size));
  db.exec('commit');
  const search = db.prepare('select rowid, distance from v where e match ? and k = 10'), times = [];
  for (let i = 0; i < 12; i++) {
    const start = process.hrtime.bigint();
    search.all(file.subarray(i * 37 * size, (i * 37 + 1) * size));
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
  }
  result.sqliteVecMs = median(times);
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

(async () => {
  for (const peer of [sqliteVec, serverMemory]) {
    try { await peer(); } catch (e) { console.error(`${peer.name}: ${e.message}`); }
  }
  console.log(JSON.stringify(result));
})();
