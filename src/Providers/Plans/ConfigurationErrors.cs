namespace Providers.Plans;

/// <summary>Collects every error of a configuration, each with its key, so that a host mends them in one go.</summary>
internal sealed class ConfigurationErrors(string root)
{
    private readonly List<string> _messages = [];

    public IReadOnlyList<string> Messages => _messages;

    public bool Any => _messages.Count > 0;

    public void Add(string key, string message) => _messages.Add(key.Length == 0 ? $"{root}: {message}" : $"{root}:{key} {message}");

    public void AddRaw(string key, string message) => _messages.Add($"{root}:{key}:{message}");

    /// <summary>A number in the place of a name reads as an enumeration's value, whether there is one or not.</summary>
    public void Defined<T>(string key, T? value)
        where T : struct, Enum
    {
        if (value is { } actual && !Enum.IsDefined(actual))
        {
            Add(key, $"is {actual}; it must be one of {string.Join(", ", Enum.GetNames<T>())}.");
        }
    }

    public void Range(string key, TimeSpan? value, TimeSpan least, TimeSpan most)
    {
        if (value is { } actual && (actual < least || actual > most))
        {
            Add(key, $"is {actual:c}; it must be {least:c} to {most:c}.");
        }
    }

    public void Range(string key, double? value, double least, double most)
    {
        if (value is { } actual && !(actual >= least && actual <= most)) // NaN is out of every range
        {
            Add(key, FormattableString.Invariant($"is {actual}; it must be {least} to {most}."));
        }
    }
}
