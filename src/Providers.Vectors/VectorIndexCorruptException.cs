namespace Providers.Vectors;

/// <summary>A checkpoint or log is damaged; nothing of it is served.</summary>
/// <param name="path">The file.</param>
/// <param name="section">The part of the file that is damaged.</param>
/// <param name="message">What was found, and what to do.</param>
public sealed class VectorIndexCorruptException(string path, string section, string message) : IOException(message)
{
    /// <summary>Gets the damaged file.</summary>
    public string Path { get; } = path;

    /// <summary>Gets the damaged part: header, Log, or a section of the checkpoint.</summary>
    public string Section { get; } = section;
}
