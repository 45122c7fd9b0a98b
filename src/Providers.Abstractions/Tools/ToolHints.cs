using Microsoft.Extensions.AI;

namespace Providers.Tools;

/// <summary>What a door says of a tool beside its schema, and what it demands of the caller. Immutable.</summary>
public sealed record ToolHints
{
    /// <summary>The key under which the hints travel in <see cref="AITool.AdditionalProperties"/>.</summary>
    public const string Key = "providers.tool";

    /// <summary>Gets the title a person sees.</summary>
    /// <value><see langword="null"/> (the default): the tool's name.</value>
    public string? Title { get; init; }

    /// <summary>Gets the scope the caller must have, as in <c>memory:read</c>.</summary>
    /// <value><see langword="null"/> (the default): none.</value>
    public string? Scope { get; init; }

    /// <summary>Gets a value indicating whether the tool changes nothing.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Gets a value indicating whether the tool may destroy what was there.</summary>
    public bool Destructive { get; init; }

    /// <summary>Gets a value indicating whether repeating a call changes nothing more.</summary>
    public bool Idempotent { get; init; }

    /// <summary>Gets a value indicating whether the tool reaches beyond this host.</summary>
    public bool OpenWorld { get; init; }

    /// <summary>Reads the hints of a tool.</summary>
    /// <param name="tool">The tool.</param>
    /// <returns>Its hints; for a tool without any, those that promise nothing: it may destroy, and reach anywhere.</returns>
    public static ToolHints Of(AITool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        return tool.AdditionalProperties.TryGetValue(Key, out object? value) && value is ToolHints hints ? hints : new ToolHints { Destructive = true, OpenWorld = true };
    }
}
