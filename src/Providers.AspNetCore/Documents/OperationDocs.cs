using System.Text.Json.Serialization.Metadata;

namespace Providers.AspNetCore.Documents;

/// <summary>What the OpenAPI document says of an operation.</summary>
/// <param name="Tag">Its group.</param>
/// <param name="Summary">What it does, in a line.</param>
internal sealed record OperationDocs(string Tag, string Summary)
{
    public JsonTypeInfo? Request { get; init; }

    public string RequestType { get; init; } = "application/json";

    /// <summary>Gets a body that the operation takes as it stands; a test sends it.</summary>
    public string? RequestExample { get; init; }

    public JsonTypeInfo? Response { get; init; }

    public string ResponseType { get; init; } = "application/json";

    public int Status { get; init; } = 200;

    /// <summary>Gets further ways to succeed: status and what it means.</summary>
    public IReadOnlyList<(int Status, string Meaning)> Also { get; init; } = [];

    /// <summary>Gets whether the answer can be a stream of events too.</summary>
    public bool Streams { get; init; }

    /// <summary>Gets the codes of <see cref="Errors.ErrorCatalogue"/> beside those every operation may answer with.</summary>
    public IReadOnlyList<string> ErrorCodes { get; init; } = [];

    public IReadOnlyList<ParameterDocs> Parameters { get; init; } = [];
}

/// <summary>A parameter of an operation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
/// <param name="Meaning">What it says.</param>
internal sealed record ParameterDocs(string Name, string In, string Meaning)
{
    public string Type { get; init; } = "string";

    public bool Required { get; init; }

    public string? Example { get; init; }
}
