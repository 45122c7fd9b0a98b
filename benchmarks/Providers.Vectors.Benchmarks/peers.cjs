// Runs the peers over base.f32 / query.f32 and prints one JSON object. Times are CPU milliseconds of this process, one thread.
const fs = require('fs');
const { HierarchicalNSW, BruteforceSearch } = require('hnswlib-node');
const usearch = require('usearch');
const [dir, rows, dims] = [process.argv[2], +process.argv[3], +process.argv[4]];
const load = name => { const b = fs.readFileSync(`${dir}/${name}`); return new Float32Array(b.buffer, b.byteOffset, b.length / 4); };
const base = load('base.f32'), queries = load('query.f32'), count = queries.length / dims;
const truth = new Int32Array(fs.readFileSync(`${dir}/truth.i32`).buffer.slice(0)).subarray(0, count * 10);
const query = i => queries.subarray(i * dims, (i + 1) * dims);
const cpu = f => { const t = process.cpuUsage(); f(); const u = process.cpuUsage(t); return (u.user + u.system) / 1000; };
const recall = (i, ids) => { let h = 0; const t = new Set(truth.subarray(i * 10, i * 10 + 10)); for (const id of ids) h += t.has(Number(id)) ? 1 : 0; return h / 10; };
const result = {};
const curve = search => [10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512].map(ef => {
  let hits = 0; const ms = cpu(() => { for (let i = 0; i < count; i++) hits += recall(i, search(i, ef)); });
  return { ef, recall: hits / count, qps: count * 1000 / ms };
});
const asArray = []; for (let i = 0; i < count; i++) asArray.push(Array.from(query(i)));
{
  const flat = new BruteforceSearch('ip', dims); flat.initIndex(rows);
  for (let i = 0; i < rows; i++) flat.addPoint(Array.from(base.subarray(i * dims, (i + 1) * dims)), i);
  result.hnswlibExactMs = cpu(() => { for (let i = 0; i < 50; i++) flat.searchKnn(asArray[i], 10); }) / 50;
}
{
  const graph = new HierarchicalNSW('ip', dims); graph.initIndex({ maxElements: rows, m: 16, efConstruction: 128 });
  result.hnswlibBuildMs = cpu(() => { for (let i = 0; i < rows; i++) graph.addPoint(Array.from(base.subarray(i * dims, (i + 1) * dims)), i); });
  result.hnswlib = curve((i, ef) => { graph.setEf(ef); return graph.searchKnn(asArray[i], 10).neighbors; });
  graph.setEf(32);
  for (const every of [2, 10, 100]) {
    const n = 50;
    result[`hnswlibFilter${every}Qps`] = n * 1000 / cpu(() => { for (let i = 0; i < n; i++) graph.searchKnn(asArray[i], 10, label => label % every === 0); });
  }
}
{
  const batch = queries.subarray(0, 32 * dims);
  usearch.exactSearch(base, batch, dims, 10, usearch.MetricKind.IP, 1);
  result.usearchBatchQps = 32 * 1000 / cpu(() => usearch.exactSearch(base, batch, dims, 10, usearch.MetricKind.IP, 1));
  result.usearchExactMs = cpu(() => { for (let i = 0; i < 20; i++) usearch.exactSearch(base, query(i), dims, 10, usearch.MetricKind.IP, 1); }) / 20;
  const index = new usearch.Index({ metric: 'ip', quantization: 'f32', dimensions: dims, connectivity: 16, expansion_add: 128, expansion_search: 64, multi: false });
  result.usearchBuildMs = cpu(() => { for (let i = 0; i < rows; i++) index.add(BigInt(i), base.subarray(i * dims, (i + 1) * dims), 1); });
  let hits = 0; const ms = cpu(() => { for (let i = 0; i < count; i++) hits += recall(i, index.search(query(i), 10, 1).keys); });
  result.usearch = [{ ef: 64, recall: hits / count, qps: count * 1000 / ms }];
}
console.log(JSON.stringify(result));
