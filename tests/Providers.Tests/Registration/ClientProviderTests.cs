using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Providers.Tests.Support;

namespace Providers.Tests.Registration;

/// <summary>Clients a host already has: described as it says, their exceptions read as well as they can be, never disposed by us.</summary>
public sealed class ClientProviderTests
{
    public static TheoryData<Exception, FailureKind> Exceptions => new()
    {
        { new ProviderException(new ProviderFailure(FailureKind.QuotaExhausted, "known")), FailureKind.QuotaExhausted },
        { new NoProvidersAvailableException("inner", [], TimeSpan.FromSeconds(7)), FailureKind.Overloaded },
        { new OperationCanceledException(), FailureKind.TimedOut },
        { new TimeoutException(), FailureKind.TimedOut },
        { Http(HttpStatusCode.Unauthorized), FailureKind.AuthFailed },
        { Http(HttpStatusCode.Forbidden), FailureKind.AuthFailed },
        { Http(HttpStatusCode.PaymentRequired), FailureKind.QuotaExhausted },
        { Http(HttpStatusCode.NotFound), FailureKind.ModelMissing },
        { Http(HttpStatusCode.RequestTimeout), FailureKind.Transient },
        { Http(HttpStatusCode.Conflict), FailureKind.Transient },
        { Http(HttpStatusCode.TooManyRequests), FailureKind.RateLimited },
        { Http(HttpStatusCode.InternalServerError), FailureKind.Transient },
        { Http(HttpStatusCode.NotImplemented), FailureKind.Transient },
        { Http(HttpStatusCode.BadGateway), FailureKind.Transient },
        { Http(HttpStatusCode.ServiceUnavailable), FailureKind.Overloaded },
        { Http((HttpStatusCode)529), FailureKind.Overloaded },
        { Http(HttpStatusCode.GatewayTimeout), FailureKind.Transient },
        { Http(HttpStatusCode.BadRequest), FailureKind.BadRequest },
        { Http(HttpStatusCode.UnprocessableEntity), FailureKind.BadRequest },
        { new HttpRequestException("refused"), FailureKind.ConnectionLost },
        { new IOException("reset"), FailureKind.ConnectionLost },
        { new ArgumentException("no such option"), FailureKind.BadRequest },
        { new NotSupportedException(), FailureKind.BadRequest },
        { new InvalidOperationException("what?"), FailureKind.Unknown },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public async Task Answer_ClientOfTheHostThrows_IsClassified(Exception thrown, FailureKind kind)
    {
        FakeProvider client = new("mine") { Answer = (_, _) => Task.FromException<ChatResponse>(thrown) };
        await using ServiceProvider services = Services(b => b.AddChatClient("mine", _ => client));
        Exception error = (await FluentActions.Awaiting(() => services.GetRequiredService<IChatClient>().GetResponseAsync("hi")).Should().ThrowAsync<Exception>()).Which;
        ProviderFailure failure = error switch
        {
            NoProvidersAvailableException none => none.Targets[0].Failure!,
            ProviderException own => own.Failure,
            _ => throw new InvalidOperationException("Neither of ours.", error),
        };
        failure.Kind.Should().Be(kind);
        failure.Status.Should().Be(thrown is HttpRequestException { StatusCode: { } status } ? (int)status : null);
        failure.RetryAfter.Should().Be(thrown is NoProvidersAvailableException inner ? inner.RetryAfter : null);
    }

    [Fact]
    public async Task Describe_ClientOfTheHost_TellsItsModelsAndItsPlace()
    {
        FakeProvider chat = new("chat"), embeds = new("embeds");
        await using ServiceProvider services = Services(b => b
            .AddChatClient("mine", _ => chat, static d => d with { IsLocal = true, Models = [new ModelDescriptor("m") { Capabilities = ModelCapabilities.Chat }] })
            .AddEmbeddingGenerator("vectors", _ => embeds)
            .AddRoute("r", "mine/m", "vectors"));
        (await services.GetRequiredService<IChatClient>().GetResponseAsync("hi")).AdditionalProperties![ResponseAnnotations.Model].Should().Be("m");
        (await services.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateAsync(["x"])).AdditionalProperties![ResponseAnnotations.Provider].Should().Be("vectors");
        IProviderCatalog catalog = services.GetRequiredService<IProviderCatalog>();
        catalog.GetProviders().Select(static p => (p.Descriptor.Name, p.Descriptor.Kind, p.Descriptor.IsLocal)).Should().Equal(("mine", "Client", true), ("vectors", "Client", false));
        IModelProvider provider = services.GetRequiredService<CaughtProviders>().Of("mine");
        (await provider.CheckHealthAsync()).Health.Should().Be(ProviderHealth.Unknown, "unknown is usable");
        (await provider.DiscoverModelsAsync()).Should().ContainSingle().Which.Id.Should().Be("m");
    }

    [Fact]
    public void Dispose_OfTheComposite_DisposesOurProvidersHoweverTheyWantIt()
    {
        Disposable plain = new(throws: false), broken = new(throws: true);
        FakeProvider async = new("async");
        ServiceProvider services = Services(b => b
            .AddProvider("plain", _ => plain)
            .AddProvider("broken", _ => broken)
            .AddProvider("async", _ => async));
        services.GetRequiredService<IChatClient>().Should().NotBeNull();
        services.GetServices<IHostedService>().Should().ContainSingle().Which.StopAsync(default).IsCompletedSuccessfully.Should().BeTrue();
        services.Dispose();
        (plain.Disposals, broken.Disposals, async.Disposals).Should().Be((1, 1, 1));
    }

    private static HttpRequestException Http(HttpStatusCode status) => new("said no", null, status);

    private static ServiceProvider Services(Action<ICompositeProviderBuilder> build)
    {
        ServiceCollection services = new();
        services.AddSingleton<CaughtProviders>();
        services.AddCompositeProvider(b => build(b.Configure(static o => (o.Retry.MaxRetries, o.Health.Enabled) = (0, false))));
        return services.BuildServiceProvider();
    }

    /// <summary>Reaches a provider as the composite made it.</summary>
    private sealed class CaughtProviders(IServiceProvider services)
    {
        public IModelProvider Of(string name) => services
            .GetServices<IHostedService>()
            .Select(static s => s.GetType().GetField("<host>P", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(s))
            .Cast<Providers.Registration.CompositeHost>()
            .Single().Plans.Current.Providers.Single(p => p.Name == name).Provider;
    }

    private sealed class Disposable(bool throws) : IModelProvider, IDisposable
    {
        public int Disposals { get; private set; }

        public ProviderDescriptor Descriptor { get; } = new(throws ? "broken" : "plain", "Own");

        public IChatClient? ChatClient => null;

        public IEmbeddingGenerator<string, Embedding<float>>? EmbeddingGenerator => null;

        public ValueTask<ProviderHealthReport> CheckHealthAsync(CancellationToken cancellationToken = default) => new(new ProviderHealthReport(ProviderHealth.Healthy));

        public ValueTask<IReadOnlyList<ModelDescriptor>> DiscoverModelsAsync(CancellationToken cancellationToken = default) => new([]);

        public ProviderFailure Classify(Exception exception) => new(FailureKind.Unknown, exception.Message);

        public void Dispose()
        {
            Disposals++;
            if (throws)
            {
                throw new InvalidOperationException("cannot let go");
            }
        }
    }
}
