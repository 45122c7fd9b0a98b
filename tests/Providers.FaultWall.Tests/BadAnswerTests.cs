using Microsoft.Extensions.DependencyInjection;
using Providers.FaultWall.Tests.Shapes;
using Providers.OpenAI;

namespace Providers.FaultWall.Tests;

/// <summary>
/// Answers no model server means, over each wire: a classified failure, the next target serves, and no more is read than a bound. Alone in
/// its time, because what is allocated is counted for the whole process.
/// </summary>
[Collection(nameof(BadAnswerTests))]
[CollectionDefinition(nameof(BadAnswerTests), DisableParallelization = true)]
public sealed class BadAnswerTests(ITestOutputHelper output)
{
    private const int Gigabyte = 1 << 30;

    // The most an adapter reads is 128 MiB of vectors, into buffers that double, and the server is in this process too: 0.6 GB in passing at
    // the worst. A gigabyte read to its end would be 3 GB and more.
    private const long Bound = 768L << 20;

    private static readonly Dictionary<string, Fault> Faults = new()
    {
        ["a gigabyte"] = Fault.HugeBody(Gigabyte),
        ["an endless line"] = Fault.EndlessLine,
        ["a page"] = Fault.Html,
        ["nothing"] = Fault.Empty,
        ["other JSON"] = Fault.WrongJson,
        ["broken UTF-8"] = Fault.BrokenUtf8,
    };

    private static readonly Dictionary<string, Fault> VectorFaults = new()
    {
        ["a gigabyte"] = Fault.HugeBody(Gigabyte),
        ["an endless line"] = Fault.EndlessLine,
        ["a page"] = Fault.Html,
        ["nothing"] = Fault.Empty,
        ["other JSON"] = Fault.WrongJson,
        ["another number of vectors"] = Fault.WrongCount,
        ["vectors of another length"] = Fault.WrongDimensions,
        ["numbers that are none"] = Fault.NotFinite,
        ["zeros"] = Fault.Zero,
    };

    public static TheoryData<string, string, string> Chats => [.. Faults.Keys.SelectMany(static f => Wires().SelectMany(w => new[] { (f, w, nameof(Ways.Whole)), (f, w, nameof(Ways.Streamed)) }))];

    public static TheoryData<string, string> Vectors => [.. VectorFaults.Keys.SelectMany(static f => Wires().Select(w => (f, w)))];

    [Theory]
    [MemberData(nameof(Chats))]
    public async Task Chat_FirstAnswersWith_TheSecondServesAndMemoryIsBounded(string what, string wire, string way)
    {
        await using ModelServer server = await StartAsync(wire);
        server.Faults.Enqueue(Faults[what]);
        await using ServiceProvider services = Compose(wire, server);
        IChatClient chat = services.GetRequiredService<IChatClient>();
        long before = GC.GetTotalAllocatedBytes();
        Exception? broken = null;
        string text = "";
        string? provider = null;
        try
        {
            if (way == nameof(Ways.Whole))
            {
                ChatResponse response = await chat.GetResponseAsync("Capital of Norway?", cancellationToken: TestContext.Current.CancellationToken);
                (text, provider) = (response.Text, response.GetProvider());
            }
            else
            {
                await foreach (ChatResponseUpdate update in chat.GetStreamingResponseAsync("Capital of Norway?", cancellationToken: TestContext.Current.CancellationToken))
                {
                    text += update.Text;
                    provider ??= update.AdditionalProperties?[ResponseAnnotations.Provider] as string;
                }
            }
        }
        catch (ProviderException e) when (e.OutputCommitted)
        {
            broken = e; // bytes that are no text may come after good ones
        }

        long allocated = GC.GetTotalAllocatedBytes() - before;
        TargetStatus first = services.GetRequiredService<IProviderCatalog>().GetProviders()[0].Targets[0];
        output.WriteLine($"{what} over {wire}, {way}: {first.LastFailure}, {allocated / 1_048_576.0:F1} MB allocated");
        if (broken is null)
        {
            provider.Should().Be(what == "broken UTF-8" && first.LastFailure is null ? "first" : "second");
        }

        (first.LastFailure is not null || what == "broken UTF-8").Should().BeTrue("the first target failed");
        text.Should().NotBeEmpty();
        allocated.Should().BeLessThan(Bound);
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public async Task Embed_FirstAnswersWith_TheSecondServesAndMemoryIsBounded(string what, string wire)
    {
        await using ModelServer server = await StartAsync(wire);
        server.Faults.Enqueue(VectorFaults[what]);
        await using ServiceProvider services = Compose(wire, server);
        long before = GC.GetTotalAllocatedBytes();
        GeneratedEmbeddings<Embedding<float>> vectors = await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>()
            .GenerateAsync(["one", "two", "three"], cancellationToken: TestContext.Current.CancellationToken);
        long allocated = GC.GetTotalAllocatedBytes() - before;
        TargetStatus first = services.GetRequiredService<IProviderCatalog>().GetProviders()[0].Targets[0];
        output.WriteLine($"{what} over {wire}: {first.LastFailure}, {allocated / 1_048_576.0:F1} MB allocated");
        vectors.Should().HaveCount(3);
        vectors.AdditionalProperties![ResponseAnnotations.Provider].Should().Be("second");
        first.LastFailure.Should().NotBeNull();
        allocated.Should().BeLessThan(Bound);
    }

    private static string[] Wires() => [nameof(FaultWallWire.Ollama), nameof(FaultWallWire.OpenAI), nameof(FaultWallWire.Mlx)];

    private static async Task<ModelServer> StartAsync(string wire)
    {
        ModelServerOptions options = new() { Embeds = true, EmbeddingDimensions = 16 };
        return Enum.Parse<FaultWallWire>(wire) switch
        {
            FaultWallWire.Ollama => await OllamaServer.StartAsync(options),
            FaultWallWire.OpenAI => await OpenAIServer.StartAsync(options),
            _ => await MlxServer.StartAsync(options),
        };
    }

    private static ServiceProvider Compose(string wire, ModelServer server)
    {
        ModelOptions model = new() { Id = "model", VectorSpace = "space", EmbeddingDimensions = 16, Capabilities = ModelCapabilities.Chat | ModelCapabilities.Streaming | ModelCapabilities.Embeddings };
        ServiceCollection services = new();
        services.AddCompositeProvider(builder =>
        {
            _ = Enum.Parse<FaultWallWire>(wire) switch
            {
                FaultWallWire.Ollama => builder.AddOllama("first", o =>
                {
                    o.Endpoint = server.Endpoint;
                    o.Models["model"] = model;
                }),
                FaultWallWire.OpenAI => builder.AddOpenAI("first", o =>
                {
                    (o.Endpoint, o.Profile) = (new Uri(server.Endpoint, "v1"), OpenAIServerProfile.Generic);
                    o.Models["model"] = model;
                }),
                _ => builder.AddMlx("first", o =>
                {
                    o.BaseUrl = server.Endpoint;
                    o.Models["model"] = model;
                }),
            };
            ProviderDescriptor second = new("second", "Scripted")
            {
                Models = [new ModelDescriptor("model") { VectorSpace = "space", EmbeddingDimensions = 16, Capabilities = model.Capabilities }],
            };
            builder.AddProvider("second", _ => new ScriptedProvider("second", embeddings: new HashingEmbeddingGenerator(16)) { Descriptor = second })
                .AddRoute("r", "first/model", "second/model")
                .Configure(static o => o.Health.Enabled = false);
        });
        return services.BuildServiceProvider();
    }
}
