namespace Providers.Orchestration.Orleans;

/// <summary>Which pages a tenant's list has: <see cref="First"/> to <see cref="Last"/>; one that is not there is empty.</summary>
internal sealed record ListHead(long First, long Last)
{
    public const string Name = "list";
}

/// <summary>Some of a tenant's workflows, oldest first.</summary>
/// <param name="Next">The place the next one gets.</param>
/// <param name="Entries">The workflows.</param>
internal sealed record ListPage(long Next, IReadOnlyList<ListEntry> Entries);

/// <summary>A workflow's place in its tenant's list, which no other workflow ever gets.</summary>
internal sealed record ListEntry(long Place, string Id, DateTimeOffset Added);
