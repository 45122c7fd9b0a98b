namespace Providers.Mcp.Tests.Support;

/// <summary>What a client does with a server in a day: every tool once, a resource, a prompt.</summary>
internal static class ClientDrive
{
    public static async Task RunAsync(McpClient client)
    {
        (await client.ListToolsAsync()).Count.Should().BeGreaterThanOrEqualTo(13);
        JsonElement stored = await client.GoodAsync("memory_store", """{"text":"Oslo is the capital of Norway","tags":["city"],"metadata":{"n":1}}""");
        string id = stored.GetProperty("id").GetString()!;
        (await client.GoodAsync("memory_search", """{"query":"capital of Norway"}""")).GetProperty("items")[0].GetProperty("id").GetString().Should().Be(id);
        (await client.GoodAsync("memory_get", $$"""{"id":"{{id}}"}""")).GetProperty("memory").GetProperty("version").GetInt32().Should().Be(1);
        (await client.GoodAsync("memory_update", $$"""{"id":"{{id}}","expected_version":1,"text":"Oslo lies at a fjord"}""")).GetProperty("version").GetInt32().Should().Be(2);
        (await client.CallAsync("memory_update", $$"""{"id":"{{id}}","expected_version":1,"text":"x"}""")).CodeOf().Should().Be("conflict");
        (await client.GoodAsync("memory_list")).GetProperty("items").GetArrayLength().Should().Be(1);
        (await client.GoodAsync("memory_stats", """{"include_details":true}""")).GetProperty("index").GetProperty("recall").GetDouble().Should().Be(1);
        (await client.GoodAsync("memory_transaction", """{"operations":[{"op":"store","text":"a"},{"op":"store","text":"b"}]}""")).GetProperty("outcomes").GetArrayLength().Should().Be(2);
        (await client.GoodAsync("memory_delete", $$"""{"id":"{{id}}"}""")).GetProperty("deleted").GetInt32().Should().Be(1);
        (await client.GoodAsync("chat", """{"prompt":"hi"}""")).GetProperty("served_by").GetProperty("provider").GetString().Should().Be("scripted");
        (await client.GoodAsync("embed", """{"texts":["a","b"]}""")).GetProperty("vectors").GetArrayLength().Should().Be(2);
        await client.GoodAsync("list_models");
        await client.GoodAsync("provider_status");
        await client.GoodAsync("explain_route");
        (await client.ReadResourceAsync("memory://default")).Contents.Should().ContainSingle();
        (await client.GetPromptAsync("reflect")).Messages.Should().ContainSingle();
    }
}
