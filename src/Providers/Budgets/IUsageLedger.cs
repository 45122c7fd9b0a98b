namespace Providers;

/// <summary>Keeps what budgets have spent over a restart. A host registers its own as a service, for example to share budgets between processes.</summary>
public interface IUsageLedger
{
    /// <summary>Reads what was spent.</summary>
    /// <param name="since">Windows that began before are of no interest.</param>
    /// <param name="cancellationToken">Ends the read.</param>
    /// <returns>Amounts; several for one budget, tenant and window are added up.</returns>
    ValueTask<IReadOnlyList<UsageEntry>> LoadAsync(DateTimeOffset since, CancellationToken cancellationToken = default);

    /// <summary>Adds what was spent since the last call.</summary>
    /// <param name="entries">The amounts; not empty.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    /// <returns>A task that completes when the amounts are safe. When it fails, they are offered again.</returns>
    ValueTask AppendAsync(IReadOnlyList<UsageEntry> entries, CancellationToken cancellationToken = default);
}
