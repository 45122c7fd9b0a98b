using Providers.Testing;

namespace Providers.Tests.Wall;

/// <summary>M.E.AI's own failover client on the wall, for comparison. It has no options and does not embed.</summary>
internal sealed class OrderedFailoverSubject : IFaultWallSubject
{
    public string Name => "OrderedFailoverChatClient";

    public ValueTask<FaultWallClient> BuildAsync(FaultWallSetup setup, CancellationToken cancellationToken) =>
        new(new FaultWallClient(new OrderedFailoverChatClient([.. setup.Targets.Select(static t => t.Provider!.ChatClient)])));
}
