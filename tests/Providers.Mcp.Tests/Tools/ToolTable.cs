namespace Providers.Mcp.Tests.Tools;

/// <summary>Every tool in every situation that its arguments can bring about: what it answers, exactly.</summary>
internal static class ToolTable
{
    private const string Missing = "01999999-0000-7000-8000-000000000000";

    /// <summary>Rows of tool, situation, arguments, code and message; an empty code is a good call. <c>«x*70000»</c> stands for so many x, <c>@id</c> for a memory that is there.</summary>
    public static IEnumerable<(string Tool, string Situation, string Arguments, string Code, string Message)> Rows { get; } =
    [
        ("memory_store", "good", """{"text":"fjord","tags":["a"],"metadata":{"k":[1]},"importance":0.9,"kind":"event","expires_in_seconds":60,"source":"user","idempotency_key":"k1"}""", "", ""),
        ("memory_store", "missing", """{}""", "invalid_input", "text: is missing; text of 1 to 65,536 bytes of UTF-8 is wanted."),
        ("memory_store", "wrong type", """{"text":7}""", "invalid_input", "text: is a number; text of 1 to 65,536 bytes of UTF-8 is wanted."),
        ("memory_store", "unknown field", """{"text":"x","tenant":"umbrella"}""", "invalid_input", "tenant: is no field here; there are text, tags, metadata, importance, expires_in_seconds, kind, namespace, source, idempotency_key."),
        ("memory_store", "text too long", """{"text":"«x*65537»"}""", "invalid_input", "text: has 65,537 bytes of UTF-8; 1 to 65,536 are allowed."),
        ("memory_store", "text too long in bytes", """{"text":"«\u20ac*22000»"}""", "invalid_input", "text: has 66,000 bytes of UTF-8; 1 to 65,536 are allowed."),
        ("memory_store", "empty text", """{"text":""}""", "invalid_input", "text: has 0 bytes of UTF-8; 1 to 65,536 are allowed."),
        ("memory_store", "blank text", """{"text":"  \n"}""", "invalid_input", "text: is empty; it must have 1 to 65536 bytes that are not all white space or combining marks."),
        ("memory_store", "nul", """{"text":"a\u0000b"}""", "invalid_input", "text: has the character U+0000 at 1; it cannot be kept."),
        ("memory_store", "too many tags", """{"text":"x","tags":[«"t",*32»"t"]}""", "invalid_input", "tags: has 33 items; 0 to 32 are allowed."),
        ("memory_store", "tag too long", """{"text":"x","tags":["«t*65»"]}""", "invalid_input", "tags[0]: has 65 characters; 1 to 64 are allowed."),
        ("memory_store", "tag no text", """{"text":"x","tags":["a",1]}""", "invalid_input", "tags[1]: is a number; text of 1 to 64 characters is wanted."),
        ("memory_store", "metadata no object", """{"text":"x","metadata":[1]}""", "invalid_input", "metadata: is a list; an object is wanted."),
        ("memory_store", "metadata too large", """{"text":"x","metadata":{"k":"«x*16384»"}}""", "invalid_input", "metadata: has 16392 bytes; at most 16384 are allowed."),
        ("memory_store", "metadata too deep", """{"text":"x","metadata":{"a":{"b":{"c":{"d":{"e":1}}}}}}""", "invalid_input", "metadata: has 5 keys and depth 5; at most 64 keys and depth 4 are allowed."),
        ("memory_store", "importance", """{"text":"x","importance":1.01}""", "invalid_input", "importance: is 1.01; a number from 0 to 1 is allowed."),
        ("memory_store", "importance too large for a double", """{"text":"x","importance":1e400}""", "invalid_input", "importance: is 1e400; a number from 0 to 1 is allowed."),
        ("memory_store", "expires", """{"text":"x","expires_in_seconds":-1}""", "invalid_input", "expires_in_seconds: is -1; a whole number from 0 to 315,360,000 is allowed."),
        ("memory_store", "expires broken", """{"text":"x","expires_in_seconds":1.5}""", "invalid_input", "expires_in_seconds: is 1.5; a whole number from 0 to 315,360,000 is allowed."),
        ("memory_store", "kind", """{"text":"x","kind":"a b"}""", "invalid_input", "kind: is 'a b'; only A-Z a-z 0-9 . _ : - are allowed."),
        ("memory_store", "namespace", """{"text":"x","namespace":"«n*129»"}""", "invalid_input", "namespace: has 129 characters; 1 to 128 are allowed."),
        ("memory_store", "key", """{"text":"x","idempotency_key":"a b"}""", "invalid_input", "idempotency_key: has 3 characters; 1 to 128 printable ASCII characters without spaces are allowed."),
        ("memory_store", "two errors", """{"text":"","importance":2}""", "invalid_input", "text: has 0 bytes of UTF-8; 1 to 65,536 are allowed. importance: is 2; a number from 0 to 1 is allowed."),

        ("memory_search", "good", """{"query":"oslo","mode":"keyword","limit":5,"kind":"note","tags_any":["city"],"tags_all":["city"],"created_after":"2020-01-01T00:00:00Z","created_before":"2040-01-01T00:00:00Z","min_score":0,"explain":true,"detail":"full","max_tokens":1000}""", "", ""),
        ("memory_search", "missing", """{}""", "invalid_input", "query: is missing; text of 1 to 4,096 characters is wanted."),
        ("memory_search", "query too long", """{"query":"«q*4097»"}""", "invalid_input", "query: has 4,097 characters; 1 to 4,096 are allowed."),
        ("memory_search", "limit", """{"query":"x","limit":0}""", "invalid_input", "limit: is 0; a whole number from 1 to 100 is allowed."),
        ("memory_search", "limit too large", """{"query":"x","limit":101}""", "invalid_input", "limit: is 101; a whole number from 1 to 100 is allowed."),
        ("memory_search", "limit as text", """{"query":"x","limit":"5"}""", "invalid_input", "limit: is text; a whole number from 1 to 100 is wanted."),
        ("memory_search", "mode", """{"query":"x","mode":"fuzzy"}""", "invalid_input", "mode: is 'fuzzy'; one of hybrid, semantic, keyword is allowed."),
        ("memory_search", "moment", """{"query":"x","created_after":"yesterday"}""", "invalid_input", "created_after: is 'yesterday'; a moment as in 2026-11-26T10:00:00Z is wanted."),
        ("memory_search", "score", """{"query":"x","min_score":-0.1}""", "invalid_input", "min_score: is -0.1; a number from 0 to 1 is allowed."),
        ("memory_search", "tokens", """{"query":"x","max_tokens":99}""", "invalid_input", "max_tokens: is 99; a whole number from 100 to 100,000 is allowed."),
        ("memory_search", "detail", """{"query":"x","detail":"all"}""", "invalid_input", "detail: is 'all'; one of brief, full is allowed."),
        ("memory_search", "flag", """{"query":"x","explain":"yes"}""", "invalid_input", "explain: is text; true or false is wanted."),
        ("memory_search", "unknown field", """{"query":"x","top":3}""", "invalid_input", "top: is no field here; there are query, namespace, limit, mode, kind, tags_any, tags_all, created_after, created_before, min_score, explain, detail, max_tokens."),
        ("memory_search", "too many tags", """{"query":"x","tags_any":[«"t",*32»"t"]}""", "invalid_input", "tags_any: has 33 items; 0 to 32 are allowed."),

        ("memory_get", "good", """{"id":"@id"}""", "", ""),
        ("memory_get", "missing", """{}""", "invalid_input", "id: is missing; text of 1 to 128 of A-Z a-z 0-9 . _ : - is wanted."),
        ("memory_get", "not found", $$"""{"id":"{{Missing}}"}""", "not_found", $"id: there is no memory '{Missing}' in namespace 'default'; memory_list and memory_search give the ids there are."),
        ("memory_get", "other namespace", """{"id":"@id","namespace":"other"}""", "not_found", "id: there is no memory '@id' in namespace 'other'; memory_list and memory_search give the ids there are."),
        ("memory_get", "id too long", """{"id":"«i*129»"}""", "invalid_input", "id: has 129 characters; 1 to 128 are allowed."),
        ("memory_get", "id of other characters", """{"id":"../../x"}""", "invalid_input", "id: is '../../x'; only A-Z a-z 0-9 . _ : - are allowed."),
        ("memory_get", "null", """{"id":null}""", "invalid_input", "id: is null; text of 1 to 128 of A-Z a-z 0-9 . _ : - is wanted."),

        ("memory_update", "good", """{"id":"@id","expected_version":1,"text":"Bergen","tags":["b"],"metadata":{},"importance":0,"expires_in_seconds":0}""", "", ""),
        ("memory_update", "no version", """{"id":"@id","text":"x"}""", "invalid_input", "expected_version: is missing; a whole number from 1 to 9,007,199,254,740,991 is wanted."),
        ("memory_update", "version", """{"id":"@id","text":"x","expected_version":0}""", "invalid_input", "expected_version: is 0; a whole number from 1 to 9,007,199,254,740,991 is allowed."),
        ("memory_update", "nothing", """{"id":"@id","expected_version":1}""", "invalid_input", "memory_update: changes nothing; give at least one of text, tags, metadata, importance, expires_in_seconds."),
        ("memory_update", "conflict", """{"id":"@id","expected_version":7,"text":"x"}""", "conflict", "Operation 0: memory '@id' is at version 1; version 7 was expected. Read it again and repeat the change."),
        ("memory_update", "not found", $$"""{"id":"{{Missing}}","expected_version":1,"text":"x"}""", "not_found", $"Operation 0: memory '{Missing}' does not exist; version 1 was expected."),
        ("memory_update", "unknown field", """{"id":"@id","expected_version":1,"kind":"x"}""", "invalid_input", "kind: is no field here; there are id, namespace, expected_version, text, tags, metadata, importance, expires_in_seconds."),
        ("memory_update", "wrong type", """{"id":"@id","expected_version":"1","text":"x"}""", "invalid_input", "expected_version: is text; a whole number from 1 to 9,007,199,254,740,991 is wanted."),
        ("memory_update", "text too long", """{"id":"@id","expected_version":1,"text":"«x*65537»"}""", "invalid_input", "text: has 65,537 bytes of UTF-8; 1 to 65,536 are allowed."),

        ("memory_related", "good", """{"id":"@id","relation":"supports","direction":"outgoing","depth":3,"limit":10}""", "", ""),
        ("memory_related", "not found", $$"""{"id":"{{Missing}}"}""", "not_found", $"id: there is no memory '{Missing}' in namespace 'default'; memory_list and memory_search give the ids there are."),
        ("memory_related", "depth", """{"id":"@id","depth":11}""", "invalid_input", "depth: is 11; a whole number from 1 to 10 is allowed."),
        ("memory_related", "limit", """{"id":"@id","limit":1001}""", "invalid_input", "limit: is 1001; a whole number from 1 to 1,000 is allowed."),
        ("memory_related", "wrong type", """{"id":"@id","relation":7}""", "invalid_input", "relation: is a number; one of references, extends, contradicts, supports, precedes, follows, related_to is wanted."),
        ("memory_related", "unknown field", """{"id":"@id","hops":2}""", "invalid_input", "hops: is no field here; there are id, namespace, relation, direction, depth, limit."),
        ("memory_link", "good", """{"from":"@id","relation":"supports","to":"too"}""", "", ""),
        ("memory_link", "taken away where there is none", """{"from":"@id","relation":"supports","to":"too","remove":true}""", "", ""),
        ("memory_link", "missing", """{"from":"@id","to":"too"}""", "invalid_input", "relation: is missing; one of references, extends, contradicts, supports, precedes, follows, related_to is wanted."),
        ("memory_link", "relation", """{"from":"@id","relation":"loves","to":"too"}""", "invalid_input", "relation: is 'loves'; one of references, extends, contradicts, supports, precedes, follows, related_to is allowed."),
        ("memory_link", "not found", $$"""{"from":"@id","relation":"supports","to":"{{Missing}}"}""", "not_found", $"Operation 0: memory '{Missing}' does not exist."),
        ("memory_link", "unknown field", """{"from":"@id","relation":"supports","to":"too","weight":1}""", "invalid_input", "weight: is no field here; there are from, relation, to, namespace, remove."),

        ("memory_delete", "by filter", """{"filter":{"tags_all":["city"]},"confirm":true}""", "", ""),
        ("memory_delete", "by filter, not confirmed", """{"filter":{"tags_all":["city"]}}""", "invalid_input", "confirm: must be true to delete all memories that a filter names."),
        ("memory_delete", "by nothing", """{}""", "invalid_input", "id: is missing; give an id, or a filter with confirm: true."),
        ("memory_delete", "by an empty filter", """{"filter":{},"confirm":true}""", "invalid_input", "filter: has no condition; give at least one of kind, tags_any, tags_all, created_after, created_before, source."),
        ("memory_delete", "by both", """{"id":"@id","filter":{"kind":"note"},"confirm":true}""", "invalid_input", "filter: is there beside id; give one of them."),
        ("memory_delete", "filter with a stray field", """{"filter":{"text":"x"},"confirm":true}""", "invalid_input", "filter.text: is no field here; there are kind, tags_any, tags_all, created_after, created_before, source."),
        ("memory_delete", "good", """{"id":"@id","expected_version":1}""", "", ""),
        ("memory_delete", "not there", $$"""{"id":"{{Missing}}"}""", "", ""),
        ("memory_delete", "not there at a version", $$"""{"id":"{{Missing}}","expected_version":3}""", "not_found", $"Operation 0: memory '{Missing}' does not exist; version 3 was expected."),
        ("memory_delete", "conflict", """{"id":"@id","expected_version":2}""", "conflict", "Operation 0: memory '@id' is at version 1; version 2 was expected. Read it again and repeat the change."),
        ("memory_delete", "wrong type", """{"id":[1]}""", "invalid_input", "id: is a list; text of 1 to 128 of A-Z a-z 0-9 . _ : - is wanted."),

        ("memory_list", "good", """{"limit":1,"kind":"note","tags":["city"],"detail":"brief","max_tokens":500}""", "", ""),
        ("memory_list", "limit", """{"limit":201}""", "invalid_input", "limit: is 201; a whole number from 1 to 200 is allowed."),
        ("memory_list", "cursor", """{"cursor":"abc"}""", "invalid_input", "cursor: was altered, or belongs to another scope, filter or order; begin again without one."),
        ("memory_list", "cursor too long", """{"cursor":"«c*513»"}""", "invalid_input", "cursor: has 513 characters; 1 to 512 are allowed."),
        ("memory_list", "unknown field", """{"offset":3}""", "invalid_input", "offset: is no field here; there are namespace, limit, cursor, kind, order, tags, detail, max_tokens."),
        ("memory_list", "wrong type", """{"tags":"city"}""", "invalid_input", "tags: is text; a list of 0 to 32 is wanted."),

        ("memory_stats", "good", """{"include_details":true}""", "", ""),
        ("memory_stats", "wrong type", """{"include_details":1}""", "invalid_input", "include_details: is a number; true or false is wanted."),
        ("memory_stats", "unknown field", """{"details":true}""", "invalid_input", "details: is no field here; there are namespace, include_details."),
        ("memory_stats", "namespace", """{"namespace":"a/b"}""", "invalid_input", "namespace: is 'a/b'; only A-Z a-z 0-9 . _ : - are allowed."),

        ("memory_transaction", "good", """{"operations":[{"op":"store","text":"one"},{"op":"update","id":"@id","tags":[]},{"op":"delete","id":"gone"}],"idempotency_key":"t1"}""", "", ""),
        ("memory_transaction", "empty", """{"operations":[]}""", "invalid_input", "operations: has 0 items; 1 to 1,000 are allowed."),
        ("memory_transaction", "too many", """{"operations":[«{"op":"store","text":"x"},*1000»{"op":"store","text":"x"}]}""", "invalid_input", "operations: has 1,001 items; 1 to 1,000 are allowed."),
        ("memory_transaction", "conflict", """{"operations":[{"op":"store","text":"one"},{"op":"update","id":"@id","expected_version":9,"text":"x"}]}""", "conflict", "Operation 1: memory '@id' is at version 1; version 9 was expected. Read it again and repeat the change."),
        ("memory_transaction", "not found", $$"""{"operations":[{"op":"store","text":"one"},{"op":"update","id":"{{Missing}}","text":"x"}]}""", "not_found", $"Operation 1: memory '{Missing}' does not exist."),
        ("memory_transaction", "op", """{"operations":[{"op":"upsert","text":"x"}]}""", "invalid_input", "operations[0].op: is 'upsert'; one of store, update, delete is allowed."),
        ("memory_transaction", "stray field", """{"operations":[{"op":"delete","id":"@id","text":"x"}]}""", "invalid_input", "operations[0].text: is no field of delete; there are op, id, expected_version."),
        ("memory_transaction", "store without text", """{"operations":[{"op":"store"}]}""", "invalid_input", "operations[0].text: is missing; store needs it."),
        ("memory_transaction", "update without id", """{"operations":[{"op":"store","text":"x"},{"op":"update","text":"x"}]}""", "invalid_input", "operations[1].id: is missing; update needs it."),
        ("memory_transaction", "same twice", """{"operations":[{"op":"delete","id":"@id"},{"op":"delete","id":"@id"}]}""", "invalid_input", "operations[1].id: '@id' is in the transaction twice; each memory may be changed once."),
        ("memory_transaction", "unknown field", """{"operations":[{"op":"store","text":"x","tenant":"y"}]}""", "invalid_input", "operations[0].tenant: is no field here; there are op, id, expected_version, text, tags, metadata, importance, expires_in_seconds, kind, source."),
        ("memory_transaction", "wrong type", """{"operations":{"op":"store"}}""", "invalid_input", "operations: is an object; a list of 1 to 1,000 is wanted."),

        ("chat", "good", """{"prompt":"hello","route":"talk","max_tokens":10,"temperature":0.5}""", "", ""),
        ("chat", "good with messages", """{"messages":[{"role":"system","content":"be kind"},{"role":"user","content":"hello"}],"model":"scripted/chatty"}""", "", ""),
        ("chat", "missing", """{}""", "invalid_input", "prompt: is missing; give prompt or messages."),
        ("chat", "both", """{"prompt":"x","messages":[{"role":"user","content":"x"}]}""", "invalid_input", "messages: is there beside prompt; give one of them."),
        ("chat", "route and model", """{"prompt":"x","route":"a","model":"b"}""", "invalid_input", "model: is there beside route; give one of them."),
        ("chat", "prompt too long", """{"prompt":"«p*200001»"}""", "invalid_input", "prompt: has 200,001 characters; 1 to 200,000 are allowed."),
        ("chat", "too many messages", """{"messages":[«{"role":"user","content":"x"},*200»{"role":"user","content":"x"}]}""", "invalid_input", "messages: has 201 items; 1 to 200 are allowed."),
        ("chat", "role", """{"messages":[{"role":"tool","content":"x"}]}""", "invalid_input", "messages[0].role: is 'tool'; one of system, user, assistant is allowed."),
        ("chat", "tokens", """{"prompt":"x","max_tokens":0}""", "invalid_input", "max_tokens: is 0; a whole number from 1 to 131,072 is allowed."),
        ("chat", "temperature", """{"prompt":"x","temperature":2.1}""", "invalid_input", "temperature: is 2.1; a number from 0 to 2 is allowed."),
        ("chat", "wrong type", """{"prompt":["x"]}""", "invalid_input", "prompt: is a list; text of 1 to 200,000 characters is wanted."),
        ("chat", "unknown field", """{"prompt":"x","api_key":"y"}""", "invalid_input", "api_key: is no field here; there are prompt, messages, route, model, max_tokens, temperature, json_schema."),

        ("embed", "good", """{"texts":["a","b"]}""", "", ""),
        ("embed", "missing", """{}""", "invalid_input", "texts: is missing; a list of 1 to 256 is wanted."),
        ("embed", "empty", """{"texts":[]}""", "invalid_input", "texts: has 0 items; 1 to 256 are allowed."),
        ("embed", "too many", """{"texts":[«"x",*256»"x"]}""", "invalid_input", "texts: has 257 items; 1 to 256 are allowed."),
        ("embed", "too long", """{"texts":["«x*32769»"]}""", "invalid_input", "texts[0]: has 32,769 characters; 1 to 32,768 are allowed."),
        ("embed", "wrong type", """{"texts":"a"}""", "invalid_input", "texts: is text; a list of 1 to 256 is wanted."),
        ("embed", "unknown field", """{"texts":["a"],"dimensions":3}""", "invalid_input", "dimensions: is no field here; there are texts, model."),

        ("list_models", "good", """{}""", "", ""),
        ("list_models", "unknown field", """{"provider":"x"}""", "invalid_input", "provider: is no field here; there are none."),
        ("provider_status", "good", """{"provider":"SCRIPTED"}""", "", ""),
        ("provider_status", "not found", """{"provider":"ghost"}""", "not_found", "provider: there is no provider 'ghost'; there are scripted."),
        ("provider_status", "wrong type", """{"provider":1}""", "invalid_input", "provider: is a number; text of 1 to 128 characters is wanted."),
        ("provider_status", "too long", """{"provider":"«p*129»"}""", "invalid_input", "provider: has 129 characters; 1 to 128 are allowed."),
        ("provider_status", "unknown field", """{"name":"x"}""", "invalid_input", "name: is no field here; there are provider."),
        ("explain_route", "good", """{"route":"talk","kind":"chat","needs":["streaming"],"tokens":10,"local_only":false}""", "", ""),
        ("explain_route", "not found", """{"route":"ghost/"}""", "not_found", "route: there is no route or model 'ghost/'; list_models gives those there are."),
        ("explain_route", "needs", """{"needs":["magic"]}""", "invalid_input", "needs[0]: is 'magic'; one of chat, streaming, tools, vision, json_schema, reasoning, embeddings, rerank is allowed."),
        ("explain_route", "tokens", """{"tokens":-1}""", "invalid_input", "tokens: is -1; a whole number from 0 to 100,000,000 is allowed."),
        ("explain_route", "unknown field", """{"path":"x"}""", "invalid_input", "path: is no field here; there are route, kind, needs, tokens, local_only."),
        ("explain_route", "wrong type", """{"local_only":"no"}""", "invalid_input", "local_only: is text; true or false is wanted."),
    ];

    /// <summary>Good arguments for each tool, for what goes wrong elsewhere.</summary>
    public static IReadOnlyDictionary<string, string> Good { get; } = Rows.Where(static r => r.Situation == "good").ToDictionary(static r => r.Tool, static r => r.Arguments);

    public static string Expand(string arguments, string id)
    {
        while (arguments.IndexOf('«', StringComparison.Ordinal) is >= 0 and var start)
        {
            int end = arguments.IndexOf('»', start);
            string inside = arguments[(start + 1)..end];
            int star = inside.LastIndexOf('*');
            string many = string.Concat(Enumerable.Repeat(inside[..star], int.Parse(inside[(star + 1)..], System.Globalization.CultureInfo.InvariantCulture)));
            arguments = string.Concat(arguments.AsSpan(0, start), many, arguments.AsSpan(end + 1));
        }

        return arguments.Replace("@id", id, StringComparison.Ordinal);
    }
}
