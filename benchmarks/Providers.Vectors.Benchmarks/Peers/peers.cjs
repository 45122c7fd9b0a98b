// The peers behind one line protocol: a JSON command in, a JSON answer out. Times are CPU milliseconds of this process.
// node peers.cjs FOLDER DIMENSIONS, with base.f32, query.f32, truth-EVERY.i32 in the folder.
const fs = require('fs'), readline = require('readline'), path = require('path');
const load = name => require(require.resolve(name, { paths: [process.cwd()] }));
const [folder, dims] = [process.argv[2], +process.argv[3]];
const M = 16, EF_BUILD = 128, TOP = 10;
const file = name => path.join(folder, name);
const floats = (name, from = 0, count = fs.statSync(file(name)).size / 4) => {
  const size = count * 4, all = new Float32Array(count), bytes = new Uint8Array(all.buffer), fd = fs.openSync(file(name));
  for (let at = 0; at < size;) at += fs.readSync(fd, bytes, at, Math.min(1 << 28, size - at), from * 4 + at);
  fs.closeSync(fd);
  return all;
};
const kept = {}, once = (name, make) => kept[name] ??= make();
const base = () => once('base', () => floats('base.f32'));
const queries = () => once('queries', () => floats('query.f32'));
const rows = () => fs.statSync(file('base.f32')).size / 4 / dims;
const count = () => queries().length / dims;
const query = i => queries().subarray((i % count()) * dims, (i % count() + 1) * dims);
const arrays = () => once('arrays', () => Array.from({ length: count() }, (_, i) => Array.from(query(i))));
const truth = every => once('truth' + every, () => { const b = fs.readFileSync(file(`truth-${every}.i32`)); return new Int32Array(b.buffer, b.byteOffset, b.length / 4); });
const cpu = f => { const t = process.cpuUsage(); f(); const u = process.cpuUsage(t); return (u.user + u.system) / 1000; };
const median = a => a.sort((x, y) => x - y)[a.length >> 1];
const recall = (every, i, ids) => { let h = 0; const t = truth(every).subarray(i * TOP, i * TOP + TOP); for (const id of ids) h += t.includes(Number(id)) ? 1 : 0; return h / TOP; };
const allowed = every => once('allowed' + every, () => Uint8Array.from({ length: rows() }, (_, i) => i % every === 0 ? 1 : 0));
const usearch = () => load('usearch'), hnswlib = () => load('hnswlib-node');
const graph = (ef, kind) => new (usearch().Index)({ metric: 'ip', quantization: kind ?? 'f32', dimensions: dims, connectivity: M, expansion_add: EF_BUILD, expansion_search: ef, multi: false });
const hnsw = () => once('hnsw', () => { const g = new (hnswlib().HierarchicalNSW)('ip', dims); g.readIndexSync(file('hnswlib.index')); return g; });
const brute = () => once('brute', () => {
  const flat = new (hnswlib().BruteforceSearch)('ip', dims); flat.initIndex(rows());
  for (let i = 0; i < rows(); i++) flat.addPoint(Array.from(base().subarray(i * dims, (i + 1) * dims)), i);
  return flat;
});

const verbs = {
  // Links the rows from..to on top of what is saved already, so that a long build can be done in parts.
  build({ peer, from, to }) {
    const n = rows(), index = file(peer + '.index');
    let ms = 0, add, save;
    if (peer === 'hnswlib') {
      const g = new (hnswlib().HierarchicalNSW)('ip', dims);
      if (from > 0) { g.readIndexSync(index); g.resizeIndex(n); } else g.initIndex({ maxElements: n, m: M, efConstruction: EF_BUILD });
      add = (v, i) => g.addPoint(v, i); save = () => g.writeIndexSync(index);
    } else {
      const g = graph(64);
      if (from > 0) g.load(index);
      add = (v, i) => g.add(BigInt(i), v, 1); save = () => g.save(index);
    }
    const data = floats('base.f32', from * dims, (to - from) * dims);
    for (let at = from; at < to; at += 1000) {
      // The conversion to what the binding takes is not the peer's work.
      const slice = []; for (let i = at; i < Math.min(to, at + 1000); i++) { const v = data.subarray((i - from) * dims, (i - from + 1) * dims); slice.push(peer === 'hnswlib' ? Array.from(v) : v); }
      ms += cpu(() => { for (let i = 0; i < slice.length; i++) add(slice[i], at + i); });
    }
    save();
    return { ms };
  },
  exact({ peer, from, times }) {
    if (peer === 'hnswlib') { brute(); arrays(); } else base();
    const one = peer === 'hnswlib' ? i => brute().searchKnn(arrays()[i % count()], TOP) : i => usearch().exactSearch(base(), query(i), dims, TOP, usearch().MetricKind.IP, 1);
    return { ms: median(Array.from({ length: times }, (_, i) => cpu(() => one(from + i)))) };
  },
  batch({ size }) {
    const batch = queries().subarray(0, size * dims);
    return { qps: size * 1000 / cpu(() => usearch().exactSearch(base(), batch, dims, TOP, usearch().MetricKind.IP, 1)) };
  },
  // Searches all queries once at one ef; every > 1 filters to ids divisible by it.
  search({ peer, ef, every, times }) {
    every ??= 1;
    let one;
    if (peer === 'hnswlib') {
      const g = hnsw(), q = arrays(), pass = allowed(every); g.setEf(ef);
      one = every === 1 ? i => g.searchKnn(q[i], TOP).neighbors : i => g.searchKnn(q[i], TOP, label => pass[label] === 1).neighbors;
    } else {
      if (kept.useEf !== ef) { kept.use = graph(ef); kept.use.load(file('usearch.index')); kept.useEf = ef; }
      one = i => kept.use.search(query(i), TOP, 1).keys;
    }
    const n = Math.min(times ?? count(), count()), found = new Array(n);
    one(0);
    const wall = process.hrtime.bigint(), ms = cpu(() => { for (let i = 0; i < n; i++) found[i] = one(i); });
    const wallMs = Number(process.hrtime.bigint() - wall) / 1e6;
    let hits = 0; for (let i = 0; i < n; i++) hits += recall(every, i, found[i]);
    return { recall: hits / n, qps: n * 1000 / ms, wallQps: n * 1000 / wallMs };
  },
  open({ peer }) {
    const t = process.hrtime.bigint();
    if (peer === 'hnswlib') hnsw().searchKnn(Array.from(query(0)), TOP);
    else { const g = graph(64); g.load(file('usearch.index')); g.search(query(0), TOP, 1); }
    return { ms: Number(process.hrtime.bigint() - t) / 1e6 };
  },
  // What users trip over, on the first 8,000 rows: deletes, adding again, filters whose rows are far from the query.
  traps({ peer }) {
    const n = Math.min(8000, rows()), lib = peer === 'hnswlib' ? hnswlib() : null, data = base();
    const row = i => { const v = data.subarray(i * dims, (i + 1) * dims); return lib ? Array.from(v) : v; };
    const g = lib ? new lib.HierarchicalNSW('ip', dims) : graph(64);
    if (lib) { g.initIndex({ maxElements: n, m: M, efConstruction: EF_BUILD }); g.setEf(64); }
    const add = i => lib ? g.addPoint(row(i), i) : g.add(BigInt(i), row(i), 1);
    const search = (q, filter) => { try { return (lib ? g.searchKnn(Array.from(q), TOP, filter).neighbors : [...g.search(q, TOP, 1).keys].map(Number)); } catch { return []; } };
    for (let i = 0; i < n; i++) add(i);
    const dot = (a, b) => { let s = 0; for (let i = 0; i < dims; i++) s += a[i] * b[i]; return s; };
    const best = (q, pass) => Array.from({ length: n }, (_, i) => i).filter(pass).map(i => [dot(q, data.subarray(i * dims, (i + 1) * dims)), i]).sort((a, b) => b[0] - a[0]).slice(0, TOP).map(p => p[1]);
    const score = (pass, filter) => { let found = 0, hits = 0; for (let i = 0; i < 30; i++) { const q = query(i), t = best(q, pass), f = search(q, filter).filter(id => id >= 0 && id < n); found += Math.min(TOP, f.length); hits += f.filter(id => t.includes(id)).length; } return { found: found / 30, recall: hits / 300 }; };
    const result = { fresh: score(() => true) };
    if (lib) {
      const far = new Set(Array.from({ length: n }, (_, i) => [dot(query(0), data.subarray(i * dims, (i + 1) * dims)), i]).sort((a, b) => a[0] - b[0]).slice(0, n / 50 | 0).map(p => p[1]));
      const t = new Set(best(query(0), i => far.has(i))), f = search(query(0), l => far.has(l));
      result.correlated = { found: f.length, recall: f.filter(id => t.has(id)).length / TOP };
    }
    for (let i = 0; i < n; i++) if (i % 20) { if (lib) g.markDelete(i); else g.remove(BigInt(i)); }
    result.deleted = score(i => i % 20 === 0);
    for (let i = 0; i < n; i++) if (i % 20) { try { add(i); } catch (e) { result.addAgainError = String(e.message ?? e); } }
    if (lib) for (let i = 0; i < n; i++) if (i % 20) { try { g.unmarkDelete(i); } catch { } }
    result.again = score(() => true);
    return result;
  },
};

readline.createInterface({ input: process.stdin }).on('line', line => {
  const command = JSON.parse(line);
  let answer;
  try { answer = verbs[command.verb](command); } catch (e) { answer = { error: String(e.stack ?? e) }; }
  process.stdout.write(JSON.stringify(answer) + '\n');
});
