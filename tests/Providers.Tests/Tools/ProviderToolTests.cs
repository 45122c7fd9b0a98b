using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Providers.Tests.Support;
using Providers.Tools;

namespace Providers.Tests.Tools;

/// <summary>What the tools of a composite promise, and that what they give is that.</summary>
public sealed class ProviderToolTests
{
    private const ModelCapabilities All = ModelCapabilities.Chat | ModelCapabilities.Streaming | ModelCapabilities.Tools | ModelCapabilities.Vision
        | ModelCapabilities.JsonSchema | ModelCapabilities.Reasoning | ModelCapabilities.Embeddings | ModelCapabilities.Rerank;

    private readonly FakeProvider _first = new("first")
    {
        Embeds = true,
        Descriptor = new ProviderDescriptor("first", "Fake")
        {
            IsLocal = true,
            Models = [new ModelDescriptor("m") { Capabilities = All, ContextWindow = 8_192, EmbeddingDimensions = 4, VectorSpace = "space" }],
        },
    };

    private readonly FakeProvider _second = new("second");

    public static TheoryData<string, string, string> Promises => new()
    {
        {
            "chat",
            "{prompt: string, messages: [{role!: string, content!: string}], route: string, model: string, max_tokens: integer, temperature: number, json_schema: {}}",
            "{text!: string, served_by!: {provider: string, model: string}, attempts!: integer, finish_reason: string, usage: {input_tokens: integer, output_tokens: integer}}"
        },
        {
            "embed",
            "{texts!: [string], model: string}",
            "{count!: integer, dimensions!: integer, vector_space!: string, vectors!: [[number]], usage: {input_tokens: integer, output_tokens: integer}}"
        },
        {
            "list_models",
            "{}",
            "{models!: [{provider!: string, model!: string, capabilities!: [string], local!: boolean, context_window: integer, dimensions: integer, vector_space: string}], "
            + "routes!: [{name!: string, policy!: string, default!: boolean, targets!: [string]}]}"
        },
        {
            "provider_status",
            "{provider: string}",
            "{providers!: [{name!: string, kind!: string, health!: string, draining!: boolean, in_flight!: integer, targets!: [{circuit!: string, in_flight!: integer, "
            + "successes!: integer, failures!: integer, model: string, retry_after_seconds: number, latency_ms: number, last_failure: string}]}]}"
        },
        {
            "explain_route",
            "{route: string, kind: string, needs: [string], tokens: integer, local_only: boolean}",
            "{route!: string, policy!: string, candidates!: [{place!: integer, provider!: string, verdict!: string, model: string, retry_after_seconds: number}]}"
        },
    };

    [Fact]
    public async Task Tools_AreAsTheyAreDocumented()
    {
        await using TestComposite composite = new([_first]);
        ToolDocument.Check(composite.Services.GetServices<IToolset>().Single(static t => t.Name == "providers"));
    }

    [Theory]
    [MemberData(nameof(Promises))]
    public async Task Tool_SaysWhatItTakesAndGives(string name, string takes, string gives)
    {
        await using TestComposite composite = new([_first]);
        AIFunction tool = composite.Tool(name);
        ToolCalls.Shape(tool.JsonSchema.GetProperty("properties").EnumerateObject().Any() ? WithoutMaps(tool.JsonSchema) : tool.JsonSchema).Should().Be(takes);
        ToolCalls.Shape(tool.ReturnJsonSchema!.Value).Should().Be(gives);
        tool.Description.Should().EndWith(".");
    }

    [Theory]
    [InlineData("chat", """{"prompt":"hello"}""")]
    [InlineData("chat", """{"messages":[{"role":"user","content":"hello"}],"route":"default","json_schema":{"type":"object"}}""")]
    [InlineData("embed", """{"texts":["a","b"]}""")]
    [InlineData("list_models", "{}")]
    [InlineData("provider_status", "{}")]
    [InlineData("explain_route", "{}")]
    public async Task Result_IsWhatTheToolSays(string name, string arguments)
    {
        await using TestComposite composite = new([_first, _second]);
        _second.Fails(FailureKind.ConnectionLost);
        composite.Catalog.Isolate("second");
        await composite.AskAsync();
        ToolCalls.Misfits(composite.Tool(name).ReturnJsonSchema!.Value, await composite.CallAsync(name, arguments)).Should().BeEmpty();
    }

    [Fact]
    public async Task Chat_SaysWhoServedAndWhatItUsed()
    {
        _first.Fails(FailureKind.ConnectionLost);
        await using TestComposite composite = new([_first, _second]);
        JsonElement result = await composite.CallAsync("chat", """{"prompt":"hello","max_tokens":7,"temperature":0.5}""");
        result.GetProperty("text").GetString().Should().Be(Reply.Canonical);
        result.GetProperty("served_by").GetRawText().Should().Be("""{"provider":"second"}""");
        (result.GetProperty("attempts").GetInt32(), result.GetProperty("finish_reason").GetString()).Should().Be((2, "stop"));
        result.GetProperty("usage").GetRawText().Should().Be($$"""{"input_tokens":7,"output_tokens":{{Reply.Length}}}""");
        ChatOptions sent = _second.Calls.Single().Options!;
        (sent.MaxOutputTokens, sent.Temperature, sent.ResponseFormat).Should().Be((7, 0.5f, null));
    }

    [Theory]
    [InlineData("{}", "prompt: is missing; give prompt or messages.")]
    [InlineData("""{"prompt":"a","messages":[{"role":"user","content":"b"}]}""", "messages: is there beside prompt; give one of them.")]
    [InlineData("""{"prompt":"a","route":"default","model":"first/m"}""", "model: is there beside route; give one of them.")]
    public async Task Chat_OfTwoMinds_IsRefused(string arguments, string message)
    {
        await using TestComposite composite = new([_first]);
        ToolException refused = await composite.RefusedAsync("chat", arguments);
        (refused.CodeName, refused.Message).Should().Be(("invalid_input", message));
        _first.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData("route", "other")]
    [InlineData("model", "second/plain")]
    public async Task Chat_ThatNamesAModelOrARoute_GoesThere(string by, string name)
    {
        _second.Descriptor = new ProviderDescriptor("second", "Fake") { Models = [new ModelDescriptor("plain")] };
        await using TestComposite composite = new([_first, _second], static o => o.Routes["other"] = new RouteOptions { Targets = { new TargetOptions { Provider = "second" } } });
        JsonElement result = await composite.CallAsync("chat", $$"""{"prompt":"hello","{{by}}":"{{name}}"}""");
        result.GetProperty("served_by").GetProperty("provider").GetString().Should().Be("second");
        _first.Calls.Should().BeEmpty();
    }

    [Theory]
    [InlineData(FailureKind.BadRequest, "invalid_input", "chat: the model's server refused the request as it is; ask for less (json_schema, images), or name another model.")]
    [InlineData(FailureKind.RateLimited, "rate_limited", "No model of route 'default' could answer (first RateLimited); try again in 2 s, or name another route from list_models.")]
    [InlineData(FailureKind.Overloaded, "unavailable", "No model of route 'default' could answer (first Overloaded); try again in 2 s, or name another route from list_models.")]
    [InlineData(FailureKind.AuthFailed, "unavailable", "No model of route 'default' could answer (first AuthFailed); try again in 2 s, or name another route from list_models.")]
    [InlineData(FailureKind.ContentFiltered, "invalid_input", "chat: the model's content policy refused it; put it differently.")]
    [InlineData(FailureKind.ContextLengthExceeded, "invalid_input", "chat: the messages are longer than the model's context window; shorten them, or name a model with a larger one.")]
    public async Task Chat_ThatFails_SaysWhatToDoAndNothingOfTheServer(FailureKind kind, string code, string message)
    {
        _first.Fails(kind, TimeSpan.FromSeconds(1.5));
        await using TestComposite composite = new([_first], static o => o.Retry.MaxRetries = 0);
        ToolException refused = await composite.RefusedAsync("chat", """{"prompt":"hello"}""");
        (refused.CodeName, refused.Message).Should().Be((code, message));
    }

    [Fact]
    public async Task Chat_OfARouteThatIsNot_SaysWhereTheyAreListed()
    {
        await using TestComposite composite = new([_first]);
        ToolException refused = await composite.RefusedAsync("chat", """{"prompt":"hello","route":"ghost"}""");
        (refused.CodeName, refused.Message).Should().Be(("not_found", "chat: there is no such route or model; list_models gives those there are."));
    }

    [Fact]
    public async Task Embed_SaysTheSpace_MadeByWhomever()
    {
        await using TestComposite composite = new([_first]);
        JsonElement result = await composite.CallAsync("embed", """{"texts":["a","b"]}""");
        (result.GetProperty("count").GetInt32(), result.GetProperty("dimensions").GetInt32(), result.GetProperty("vector_space").GetString()).Should().Be((2, 4, "space"));
        result.GetProperty("vectors")[1].EnumerateArray().Select(static n => n.GetSingle()).Should().Equal(1.5f, 1.5f, 1.5f, 1.5f);
        result.GetProperty("usage").GetRawText().Should().Be("""{"input_tokens":2}""");
    }

    [Fact]
    public async Task Embed_MoreNumbersThanAResultHolds_SaysHowManyTextsFit()
    {
        _first.Descriptor = _first.Descriptor with { Models = [] };
        _first.Embed = static texts => Task.FromResult(Reply.Vectors(texts.Count, 131_072));
        await using TestComposite composite = new([_first]);
        (await composite.CallAsync("embed", """{"texts":["a","b"]}""")).GetProperty("count").GetInt32().Should().Be(2);
        ToolException refused = await composite.RefusedAsync("embed", """{"texts":["a","b","c"]}""");
        refused.CodeName.Should().Be("invalid_input");
        refused.Message.Should().Be("texts: has 3 items of 131072 dimensions each; a result has room for 262144 numbers, so send at most 2 texts at a time.");
    }

    [Fact]
    public async Task Models_AreListedWithWhatTheyCanDo_AndRoutesWithTheirTargets()
    {
        await using TestComposite composite = new([_first, _second]);
        JsonElement result = await composite.CallAsync("list_models");
        result.GetProperty("models").GetRawText().Should().Be(
            """[{"provider":"first","model":"m","capabilities":["chat","streaming","tools","vision","json_schema","reasoning","embeddings","rerank"],"local":true,"context_window":8192,"dimensions":4,"vector_space":"space"}]""");
        result.GetProperty("routes").GetRawText().Should().Be("""[{"name":"default","policy":"Priority","default":true,"targets":["first/m","second"]}]""");
    }

    [Fact]
    public async Task Status_HasTheLiveNumbersAndNoServersWords()
    {
        _second.Answer = static (_, _) => throw new IOException("secret address 10.0.0.7");
        await using TestComposite composite = new([_first, _second], static o => (o.Retry.MaxRetries, o.Circuit.ConsecutiveFailures, o.Circuit.BreakDuration) = (0, 1, TimeSpan.FromSeconds(2.5)));
        await composite.AskAsync();
        composite.Catalog.Isolate("first");
        await FluentActions.Awaiting(() => composite.AskAsync()).Should().ThrowAsync<NoProvidersAvailableException>();
        JsonElement providers = (await composite.CallAsync("provider_status")).GetProperty("providers");
        providers[0].GetRawText().Should().Be("""{"name":"first","kind":"Fake","health":"Unknown","draining":false,"in_flight":0,"targets":[{"circuit":"Isolated","in_flight":0,"successes":1,"failures":0,"model":"m","latency_ms":0}]}""");
        providers[1].GetProperty("targets").GetRawText().Should().Be("""[{"circuit":"Open","in_flight":0,"successes":0,"failures":1,"retry_after_seconds":3,"last_failure":"ConnectionLost"}]""", "a wait is rounded up");
        JsonElement one = (await composite.CallAsync("provider_status", """{"provider":"SECOND"}""")).GetProperty("providers");
        one.EnumerateArray().Should().ContainSingle().Which.GetProperty("name").GetString().Should().Be("second");
        (await composite.RefusedAsync("provider_status", """{"provider":"ghost"}""")).Message.Should().Be("provider: there is no provider 'ghost'; there are first, second.");
    }

    [Fact]
    public async Task Status_Latency_IsInMilliseconds()
    {
        TaskCompletionSource<ChatResponse> gate = new();
        _first.Answer = (_, _) => gate.Task;
        await using TestComposite composite = new([_first]);
        Task<ChatResponse> asking = composite.AskAsync();
        composite.Clock.Advance(TimeSpan.FromMilliseconds(12.34));
        gate.SetResult(Reply.Whole("ok"));
        await asking;
        (await composite.CallAsync("provider_status")).GetProperty("providers")[0].GetProperty("targets")[0].GetProperty("latency_ms").GetDouble().Should().Be(12.3);
    }

    [Fact]
    public async Task Explain_GivesTheOrderTheLastResortsAndWhyNot()
    {
        FakeProvider third = new("third");
        _second.Answer = static (_, _) => throw new IOException("reset");
        await using TestComposite composite = new([_first, _second, third], static o => (o.Circuit.ConsecutiveFailures, o.Circuit.BreakDuration) = (1, TimeSpan.FromSeconds(2.5)));
        composite.Catalog.Isolate("first");
        await composite.AskAsync();
        JsonElement result = await composite.CallAsync("explain_route", """{"route":"default"}""");
        (result.GetProperty("route").GetString(), result.GetProperty("policy").GetString()).Should().Be(("default", "Priority"));
        result.GetProperty("candidates").GetRawText().Should().Be(
            """[{"place":1,"provider":"third","verdict":"takes traffic"},{"place":2,"provider":"second","verdict":"last resort, CircuitOpen","retry_after_seconds":3},{"place":0,"provider":"first","verdict":"Isolated","model":"m"}]""");
    }

    [Theory]
    [InlineData("""{"kind":"embeddings"}""", "takes traffic")]
    [InlineData("""{"kind":"rerank"}""", "MissingCapability")]
    [InlineData("""{"needs":["vision","tools"]}""", "takes traffic")]
    [InlineData("""{"tokens":8193}""", "ContextTooSmall")]
    [InlineData("""{"tokens":8192}""", "takes traffic")]
    [InlineData("""{"local_only":true}""", "takes traffic")]
    public async Task Explain_HeedsWhatTheRequestNeeds(string arguments, string verdict)
    {
        await using TestComposite composite = new([_first]);
        JsonElement candidate = (await composite.CallAsync("explain_route", arguments)).GetProperty("candidates").EnumerateArray().Single();
        candidate.GetProperty("verdict").GetString().Should().Be(verdict);
        candidate.GetProperty("place").GetInt32().Should().Be(verdict == "takes traffic" ? 1 : 0);
    }

    [Theory]
    [InlineData("""{"needs":["vision"]}""")]
    [InlineData("""{"local_only":true}""")]
    public async Task Explain_WhatATargetLacks_KeepsItOut(string arguments)
    {
        _second.Descriptor = new ProviderDescriptor("second", "Fake") { Models = [new ModelDescriptor("plain") { Capabilities = ModelCapabilities.Chat }] };
        await using TestComposite composite = new([_second]);
        (await composite.CallAsync("explain_route", arguments)).GetProperty("candidates")[0].GetProperty("place").GetInt32().Should().Be(0);
    }

    // A map of anything has no properties of its own; it is written like an object without fields.
    private static JsonElement WithoutMaps(JsonElement schema) =>
        JsonElement.Parse(schema.GetRawText().Replace("\"additionalProperties\":true", "\"properties\":{}", StringComparison.Ordinal));
}
