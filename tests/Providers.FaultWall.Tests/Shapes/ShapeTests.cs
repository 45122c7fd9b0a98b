using System.Net.NetworkInformation;
using Microsoft.Extensions.DependencyInjection;
using Providers.OpenAI;

namespace Providers.FaultWall.Tests.Shapes;

/// <summary>Every shape over a real socket, through adapter and composite: kind, what is done, the circuit, and what the caller sees.</summary>
public sealed class ShapeTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1.5), Long = TimeSpan.FromMinutes(1);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static IReadOnlyList<Shape> All { get; } = [.. ShapeTable.All, .. WireTable.All];

    public static TheoryData<string, string, string> Rows =>
        [.. All.SelectMany(static s => new[] { Ways.Whole, Ways.Streamed, Ways.Embedded }.Where(w => s.Ways.HasFlag(w)).Select(w => (s.Row, s.Wire.ToString(), w.ToString())))];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Shape_OverASocket_IsClassifiedAndHandled(string row, string wire, string way)
    {
        Shape shape = All.Single(s => s.Row == row && s.Wire.ToString() == wire && s.Ways.HasFlag(Enum.Parse<Ways>(way)));
        await using FixtureServer server = await FixtureServer.StartAsync(WireFixture.Parse(row, "%% request\nPOST /any\n\n{}\n%% response\n" + shape.Response));
        // Short only where the limit itself is what is shown: a busy machine must not turn another failure into a late one.
        bool silent = shape.Kind is FailureKind.TimedOut && shape.Then is Then.FailsOver && !shape.Response.StartsWith("200", StringComparison.Ordinal);
        await using ServiceProvider services = Compose(shape.Wire, server.Endpoint, silent ? Short : Long, shape.Kind is FailureKind.TimedOut ? Short : Long);
        Seen seen = await AskAsync(services, Enum.Parse<Ways>(way));
        TargetStatus first = services.GetRequiredService<IProviderCatalog>().GetProviders()[0].Targets[0];

        switch (shape.Then)
        {
            case Then.FailsOver:
                seen.Error.Should().BeNull();
                seen.Provider.Should().Be("second");
                seen.Trail.Should().ContainSingle().Which.Failure!.Kind.Should().Be(shape.Kind);
                break;
            case Then.Surfaces:
                seen.Error.Should().BeOfType<ProviderException>().Which.Kind.Should().Be(shape.Kind);
                seen.Text.Should().BeEmpty();
                break;
            case Then.Breaks:
                ProviderException broken = seen.Error.Should().BeOfType<ProviderException>().Which;
                broken.Kind.Should().Be(shape.Kind);
                broken.OutputCommitted.Should().BeTrue();
                broken.PartialResponse!.Text.Should().Be(shape.Text);
                seen.Text.Should().Be(shape.Text);
                break;
            default:
                seen.Error.Should().BeNull();
                seen.Provider.Should().Be("first");
                seen.Text.Should().Be(shape.Text);
                break;
        }

        first.LastFailure.Should().Be(shape.Kind);
        (first.Circuit is CircuitState.Open).Should().Be(shape.Trips);
        server.Requests.Count(static r => r.Body.Contains("Norway", StringComparison.Ordinal) || r.Body.Contains("a text", StringComparison.Ordinal)).Should().Be(1, "neither an SDK nor we ask the same server again");
    }

    [Theory]
    [InlineData("Ollama")]
    [InlineData("OpenAI")]
    [InlineData("Mlx")]
    public async Task Server_RestartedBetweenRequests_IsNoFailure(string wire)
    {
        await using ModelServer server = Enum.Parse<FaultWallWire>(wire) switch
        {
            FaultWallWire.Ollama => await OllamaServer.StartAsync(),
            FaultWallWire.OpenAI => await OpenAIServer.StartAsync(),
            _ => await MlxServer.StartAsync(),
        };
        await using ServiceProvider services = Compose(Enum.Parse<FaultWallWire>(wire), server.Endpoint, Long, Long);
        (await AskAsync(services, Ways.Whole)).Provider.Should().Be("first");
        int[] open = Connected(server.Endpoint.Port);
        server.Stop();
        server.Start();
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(1));
        while (Connected(server.Endpoint.Port).Intersect(open).Any())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield(); // a busy machine delivers what ends a connection late, even on loopback
        }

        (await AskAsync(services, Ways.Whole)).Should().Match<Seen>(static s => s.Provider == "first" && s.Trail == null, "row 40: the stale connection is replaced without a word");
    }

    /// <summary>The ports of those who hold a connection to a server, as the system sees them.</summary>
    private static int[] Connected(int port) =>
        [.. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections().Where(c => c.State is TcpState.Established && c.RemoteEndPoint.Port == port).Select(static c => c.LocalEndPoint.Port)];

    private static ServiceProvider Compose(FaultWallWire wire, Uri endpoint, TimeSpan firstByte, TimeSpan idle)
    {
        ServiceCollection services = new();
        ModelOptions model = new() { Id = "model", VectorSpace = "space", Capabilities = ModelCapabilities.Chat | ModelCapabilities.Streaming | ModelCapabilities.Embeddings };
        services.AddCompositeProvider(builder =>
        {
            _ = wire switch
            {
                FaultWallWire.Ollama => builder.AddOllama("first", o =>
                {
                    (o.Endpoint, o.FirstByteTimeout, o.IdleTimeout) = (endpoint, firstByte, idle);
                    o.Models["model"] = model;
                }),
                FaultWallWire.OpenAI => builder.AddOpenAI("first", o =>
                {
                    (o.Endpoint, o.FirstByteTimeout, o.IdleTimeout, o.Profile) = (new Uri(endpoint, "v1"), firstByte, idle, OpenAIServerProfile.Generic);
                    o.Models["model"] = model;
                }),
                _ => builder.AddMlx("first", o =>
                {
                    (o.BaseUrl, o.FirstByteTimeout, o.IdleTimeout) = (endpoint, firstByte, idle);
                    o.Models["model"] = model;
                }),
            };
            builder.AddProvider("second", static _ => new ScriptedProvider("second", embeddings: new HashingEmbeddingGenerator()) { Descriptor = Second() }).UseSeed(1).Configure(options =>
            {
                options.Health.Enabled = false;
                options.Circuit.ConsecutiveFailures = 1;
                options.Routes["r"] = new RouteOptions
                {
                    Targets = { new TargetOptions { Provider = "first", Model = "model" }, new TargetOptions { Provider = "second", Model = "model" } },
                };
            });
        });
        return services.BuildServiceProvider();
    }

    private static ProviderDescriptor Second() => new("second", "Scripted")
    {
        Models = [new ModelDescriptor("model") { VectorSpace = "space", Capabilities = ModelCapabilities.Chat | ModelCapabilities.Streaming | ModelCapabilities.Tools | ModelCapabilities.Vision | ModelCapabilities.Reasoning | ModelCapabilities.Embeddings }],
    };

    private static async Task<Seen> AskAsync(IServiceProvider services, Ways way)
    {
        List<ChatResponseUpdate> updates = [];
        try
        {
            switch (way)
            {
                case Ways.Embedded:
                    GeneratedEmbeddings<Embedding<float>> embeddings = await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["a text"], null, Stop);
                    return Seen.From("", embeddings.AdditionalProperties);
                case Ways.Whole:
                    ChatResponse response = await services.GetRequiredService<IChatClient>().GetResponseAsync("Capital of Norway?", null, Stop);
                    return Seen.From(response.Text, response.AdditionalProperties);
                default:
                    await foreach (ChatResponseUpdate update in services.GetRequiredService<IChatClient>().GetStreamingResponseAsync("Capital of Norway?", null, Stop))
                    {
                        updates.Add(update);
                    }

                    ChatResponseUpdate noted = updates.First(static u => u.AdditionalProperties is not null);
                    return Seen.From(updates.ToChatResponse().Text, noted.AdditionalProperties);
            }
        }
        catch (Exception e) when (e is ProviderException or NoProvidersAvailableException)
        {
            return new Seen(null, updates.ToChatResponse().Text, null, e);
        }
    }

    private sealed record Seen(string? Provider, string Text, IReadOnlyList<TargetOutcome>? Trail, Exception? Error)
    {
        public static Seen From(string text, AdditionalPropertiesDictionary? notes) => new(
            notes![ResponseAnnotations.Provider] as string, text, notes.TryGetValue(ResponseAnnotations.Trail, out object? trail) ? trail as IReadOnlyList<TargetOutcome> : null, null);
    }
}
