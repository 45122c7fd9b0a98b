namespace Providers.Memory;

/// <summary>Takes out of a text what must neither be stored, embedded nor logged. Safe for concurrent use.</summary>
public interface IMemoryRedactor
{
    /// <summary>Redacts a text.</summary>
    /// <param name="text">The text of a memory, a string of its metadata, or a query.</param>
    /// <returns>The text without it; the same instance when there is nothing to take out.</returns>
    string Redact(string text);
}
