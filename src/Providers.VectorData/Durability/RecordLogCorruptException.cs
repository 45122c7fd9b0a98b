namespace Providers.VectorData;

/// <summary>A record log is damaged before its end; nothing of it is served.</summary>
/// <param name="path">The file.</param>
/// <param name="at">The byte from which it is damaged.</param>
/// <param name="message">What was found, and what to do.</param>
internal sealed class RecordLogCorruptException(string path, long at, string message) : IOException(message)
{
    public string Path { get; } = path;

    public long At { get; } = at;
}
