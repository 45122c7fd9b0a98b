namespace Providers.AspNetCore.Memories;

/// <summary>A vector that may be missing. A conditional expression would make an empty one of null.</summary>
internal static class Numbers
{
    public static ReadOnlyMemory<float>? Of(float[]? vector) => vector is null ? null : (ReadOnlyMemory<float>?)new ReadOnlyMemory<float>(vector);
}
