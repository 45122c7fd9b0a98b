using Microsoft.Extensions.AI;
using ModelContextProtocol;
using Providers.Mcp.Sampling;

namespace Providers.Mcp.Tests.Chat;

/// <summary>The client's model as a provider, where there is no client: it fails over like one that lacks the model, and says why.</summary>
public sealed class SamplingTests
{
    private readonly SamplingProvider _provider = new("mcp-client");

    public static TheoryData<Type, FailureKind> Failures => new()
    {
        { typeof(OperationCanceledException), FailureKind.TimedOut },
        { typeof(TimeoutException), FailureKind.TimedOut },
        { typeof(McpException), FailureKind.Transient },
        { typeof(IOException), FailureKind.ConnectionLost },
        { typeof(NotSupportedException), FailureKind.Unknown },
    };

    [Theory]
    [MemberData(nameof(Failures))]
    public void Failure_IsClassified(Type exception, FailureKind kind) => _provider.Classify((Exception)Activator.CreateInstance(exception)!).Kind.Should().Be(kind);

    [Fact]
    public async Task Model_WithoutAClientsCall_IsMissing()
    {
        IChatClient client = _provider.ChatClient!;
        ProviderException missing = (await FluentActions.Awaiting(() => client.GetResponseAsync([new(ChatRole.User, "x")])).Should().ThrowAsync<ProviderException>()).Which;
        missing.Kind.Should().Be(FailureKind.ModelMissing);
        missing.Message.Should().Contain("it can only be asked while an MCP client's call is carried out");
        _provider.Classify(missing).Should().Be(missing.Failure);
        FluentActions.Invoking(() => client.GetStreamingResponseAsync([new(ChatRole.User, "x")])).Should().Throw<ProviderException>();
    }

    [Fact]
    public async Task Provider_SaysWhatItIs()
    {
        _provider.EmbeddingGenerator.Should().BeNull();
        (await _provider.CheckHealthAsync()).Health.Should().Be(ProviderHealth.Unknown);
        (await _provider.DiscoverModelsAsync()).Should().BeEmpty();
        using IChatClient client = _provider.ChatClient!;
        client.GetService(typeof(ChatClientMetadata)).Should().BeOfType<ChatClientMetadata>().Which.ProviderName.Should().Be("mcp.sampling");
        client.GetService(typeof(IChatClient)).Should().BeSameAs(client);
        client.GetService(typeof(IChatClient), "key").Should().BeNull();
        client.GetService(typeof(string)).Should().BeNull();
    }
}
