// Drives a server with the TypeScript SDK: drive.mjs http URL | stdio DATABASE COMMAND ARGUMENTS...
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import path from 'node:path';

const require = createRequire(path.join(process.env.MCP_NPM, 'anchor.js'));
const { Client } = require('@modelcontextprotocol/sdk/client/index.js');
const { StreamableHTTPClientTransport } = require('@modelcontextprotocol/sdk/client/streamableHttp.js');
const { StdioClientTransport } = require('@modelcontextprotocol/sdk/client/stdio.js');

const [kind, target, command, ...args] = process.argv.slice(2);
const transport = kind === 'http'
  ? new StreamableHTTPClientTransport(new URL(target))
  : new StdioClientTransport({ command, args, env: { ...process.env, MCP_TEST_CHILD: target }, stderr: 'ignore' });
const client = new Client({ name: 'drive', version: '1' }, { capabilities: {} });
await client.connect(transport);

const { tools } = await client.listTools();
assert.ok(tools.length >= 13, `${tools.length} tools`);

const call = async (name, args = {}) => {
  const result = await client.callTool({ name, arguments: args }); // checks the result against the output schema, too
  assert.ok(!result.isError, `${name}: ${result.content?.[0]?.text}`);
  return result.structuredContent;
};
const refused = async (name, args, code) => {
  const result = await client.callTool({ name, arguments: args });
  assert.ok(result.isError, name);
  assert.equal(result._meta['providers/error'].code, code);
  return result.content[0].text;
};

const { id } = await call('memory_store', { text: 'Oslo is the capital of Norway', tags: ['city'] });
assert.equal((await call('memory_search', { query: 'capital of Norway', explain: true })).items[0].id, id);
assert.equal((await call('memory_get', { id })).memory.version, 1);
assert.equal((await call('memory_update', { id, expected_version: 1, tags: [] })).version, 2);
assert.match(await refused('memory_update', { id, expected_version: 1, text: 'x' }, 'conflict'), /version 2/);
assert.match(await refused('memory_search', { query: 'x', limit: 0 }, 'invalid_input'), /^limit: is 0; a whole number from 1 to 100 is allowed\.$/);
await refused('memory_get', { id: 'ghost' }, 'not_found');
assert.equal((await call('memory_list')).items.length, 1);
assert.equal((await call('memory_stats', { include_details: true })).count, 1);
assert.equal((await call('memory_transaction', { operations: [{ op: 'store', text: 'a' }, { op: 'delete', id }] })).outcomes.length, 2);
assert.equal((await call('memory_delete', { id })).deleted, 0);
assert.ok((await call('chat', { prompt: 'hi' })).text.length > 0);
assert.equal((await call('embed', { texts: ['a', 'b'] })).count, 2);
await call('list_models');
await call('provider_status');
await call('explain_route');
assert.ok((await client.readResource({ uri: 'memory://default' })).contents[0].text.includes('items'));
assert.equal((await client.getPrompt({ name: 'recall', arguments: { topic: 'a' } })).messages.length, 1);
await client.close();
console.log(`${kind}: ${tools.length} tools driven`);
process.exit(0);
