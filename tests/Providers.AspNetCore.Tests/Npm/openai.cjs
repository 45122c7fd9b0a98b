// Drives the host with the official npm client and prints what it got, as one JSON object. Arguments: node_modules, base URL.
const [, , modules, baseURL] = process.argv;
const { OpenAI } = require(require.resolve("openai", { paths: [modules] }));
const client = new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 });
const seen = {};

(async () => {
  const chat = await client.chat.completions.create({ model: "chat", messages: [{ role: "user", content: "Hello" }] });
  seen.chat = { text: chat.choices[0].message.content, finish: chat.choices[0].finish_reason, usage: chat.usage };

  const stream = await client.chat.completions.create({ model: "chat", stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "Hello" }] });
  seen.stream = { tokens: [], finish: null, usage: null };
  for await (const chunk of stream) {
    const choice = chunk.choices[0];
    if (choice?.delta?.content) seen.stream.tokens.push(choice.delta.content);
    if (choice?.finish_reason) seen.stream.finish = choice.finish_reason;
    if (chunk.usage) seen.stream.usage = chunk.usage;
  }

  const tools = [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } } }];
  const called = await client.chat.completions.create({ model: "tools", tools, messages: [{ role: "user", content: "Weather?" }] });
  const call = called.choices[0].message.tool_calls[0];
  const answered = await client.chat.completions.create({ model: "tools", tools, messages: [{ role: "user", content: "Weather?" }, called.choices[0].message, { role: "tool", tool_call_id: call.id, content: "rain" }] });
  seen.tools = { finish: called.choices[0].finish_reason, name: call.function.name, arguments: JSON.parse(call.function.arguments), after: answered.choices[0].message.content };

  const structured = await client.chat.completions.create({ model: "json", messages: [{ role: "user", content: "A river?" }],
    response_format: { type: "json_schema", json_schema: { name: "river", strict: true, schema: { type: "object", properties: { river: { type: "string" } }, required: ["river"], additionalProperties: false } } } });
  seen.structured = JSON.parse(structured.choices[0].message.content);

  const embedded = await client.embeddings.create({ model: "hashing", input: ["Glomma", "Tana"] }); // this client asks for base64 by itself
  const floats = await client.embeddings.create({ model: "hashing", input: "Glomma", encoding_format: "float" });
  seen.embeddings = { indexes: embedded.data.map(d => d.index), first: Array.from(embedded.data[0].embedding), float: Array.from(floats.data[0].embedding) };

  seen.models = [];
  for await (const model of client.models.list()) seen.models.push(model.id);
  seen.model = (await client.models.retrieve("chat")).id;

  try { await client.chat.completions.create({ model: "nobody-has-this", messages: [{ role: "user", content: "x" }] }); } catch (e) { seen.missing = { name: e.constructor.name, status: e.status, code: e.code, request: typeof e.requestID }; }
  try { await client.chat.completions.create({ model: "chat", messages: [{ role: "king", content: "x" }] }); } catch (e) { seen.wrong = { name: e.constructor.name, status: e.status, param: e.param }; }

  const broken = await client.chat.completions.create({ model: "broken", stream: true, messages: [{ role: "user", content: "x" }] });
  seen.broken = { tokens: [], error: null };
  try { for await (const chunk of broken) if (chunk.choices[0]?.delta?.content) seen.broken.tokens.push(chunk.choices[0].delta.content); } catch (e) { seen.broken.error = e.code ?? e.error?.code ?? String(e); }

  console.log(JSON.stringify(seen));
})().catch(e => { console.error(e); process.exit(1); });
