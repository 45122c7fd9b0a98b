namespace Providers.Orchestration.Orleans;

/// <summary>What is handed to the grain storage: JSON that only we read.</summary>
[GenerateSerializer]
[Alias("providers.workflow.document")]
internal sealed class Document
{
    /// <summary>Gets or sets the text; <see langword="null"/>: there is none.</summary>
    [Id(0)]
    public string? Json { get; set; }
}
