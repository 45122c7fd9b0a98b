using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Providers;

/// <summary>A provider that is to be: its name, its errors, and how to make it.</summary>
/// <param name="Name">The provider's name, ordinal, without <c>/</c>.</param>
/// <param name="Kind">The adapter's kind.</param>
/// <param name="Create">Makes the provider; called once, only when <see cref="Errors"/> is empty; does no input or output.</param>
public sealed record ProviderRegistration(string Name, string Kind, Func<IServiceProvider, IModelProvider> Create)
{
    /// <summary>Gets what is wrong with the configuration, each message starting with its key relative to the provider.</summary>
    public IReadOnlyList<string> Errors { get; init; } = [];

    /// <summary>Gets a digest of everything <see cref="Create"/> depends on: a reload keeps the provider while it stays equal.</summary>
    /// <value><see langword="null"/>: the registration came from code and never changes.</value>
    public string? Fingerprint { get; init; }

    /// <summary>Makes the registration of a provider whose configuration cannot be read at all.</summary>
    /// <param name="name">The provider's name.</param>
    /// <param name="kind">The adapter's kind.</param>
    /// <param name="error">What is wrong, starting with the key; without secrets.</param>
    /// <returns>A registration with that one error.</returns>
    public static ProviderRegistration Unusable(string name, string kind, string error) =>
        new(name, kind, _ => throw new InvalidOperationException($"Provider '{name}' cannot be made: {error}")) { Errors = [error] };

    /// <summary>Makes the registration of a provider whose section the binder could not read: its message, put after the key relative to the provider.</summary>
    /// <param name="name">The provider's name.</param>
    /// <param name="kind">The adapter's kind.</param>
    /// <param name="section">The provider's section.</param>
    /// <param name="error">What the binder threw; its message names the key by its whole path, and repeats no value.</param>
    /// <returns>A registration with that one error.</returns>
    public static ProviderRegistration Unusable(string name, string kind, IConfigurationSection section, Exception error)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentNullException.ThrowIfNull(error);
        int at = error.Message.IndexOf(section.Path + ":", StringComparison.OrdinalIgnoreCase);
        int end = at < 0 ? -1 : error.Message.IndexOf('\'', at);
        string what = end < 0 ? "The section" : error.Message[(at + section.Path.Length + 1)..end];
        return Unusable(name, kind, $"{what} cannot be read: {error.Message}");
    }

    /// <summary>Makes the <see cref="Fingerprint"/> of a section: a digest, not the text, since it may hold a key.</summary>
    /// <param name="section">The provider's section.</param>
    /// <returns>The digest; equal for equal keys and values, whatever their order.</returns>
    public static string FingerprintOf(IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        StringBuilder text = new();
        foreach ((string key, string? value) in section.AsEnumerable(makePathsRelative: true).OrderBy(static p => p.Key, StringComparer.OrdinalIgnoreCase))
        {
            text.Append(key).Append('\0').Append(value).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
