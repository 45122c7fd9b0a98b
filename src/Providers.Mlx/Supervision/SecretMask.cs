using System.Text.RegularExpressions;

namespace Providers.Mlx;

/// <summary>Masks the secrets a server process was given, wherever they appear in what it prints.</summary>
internal sealed partial class SecretMask
{
    private readonly string[] _secrets;

    public SecretMask(IEnumerable<string?> secrets) =>
        _secrets = [.. secrets.OfType<string>().Where(static s => s.Length >= 4).Distinct().OrderByDescending(static s => s.Length)];

    public string Apply(string line)
    {
        foreach (string secret in _secrets)
        {
            line = line.Replace(secret, "***", StringComparison.Ordinal);
        }

        return TokenShape().Replace(line, "***");
    }

    [GeneratedRegex("hf_[A-Za-z0-9]{16,}", RegexOptions.CultureInvariant)]
    private static partial Regex TokenShape();
}
